using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.Engine.Backend;

namespace Gateway.Worker.Tests.Metrics;

/// <summary>What dashboards and autoscalers made for vLLM find at <c>/metrics</c>.</summary>
public class EngineSeriesTests
{
    private static readonly string[] Seconds =
    [
        "vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds", "vllm:e2e_request_latency_seconds", "vllm:request_queue_time_seconds",
        "vllm:request_inference_time_seconds", "vllm:request_prefill_time_seconds", "vllm:request_decode_time_seconds", "vllm:request_time_per_output_token_seconds",
    ];

    [Fact]
    public async Task A_call_is_found_in_every_series_that_it_belongs_to()
    {
        await using var surface = await Surface.WithEngineAsync();
        var usage = (await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(""","max_tokens":5,"temperature":0,"n":2""")))["usage"]!;
        await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(""","max_tokens":3,"temperature":0"""));
        var prompt = (int)usage["prompt_tokens"]!;

        var series = await SeriesAsync(surface);

        Value(series, "vllm:num_requests_running").ShouldBe(0);
        Value(series, "vllm:num_requests_waiting").ShouldBe(0);
        Value(series, "vllm:kv_cache_usage_perc").ShouldBe(0);
        Value(series, "vllm:prompt_tokens_total").ShouldBe(3 * prompt);
        Value(series, "vllm:generation_tokens_total").ShouldBe(2 * 5 + 3);
        Value(series, "vllm:prefix_cache_queries_total").ShouldBe(3 * prompt);
        Value(series, "vllm:prefix_cache_hits_total").ShouldBe(2 * ((prompt - 1) / 4 * 4)); // the second candidate and the second call
        Value(series, "vllm:num_preemptions_total").ShouldBe(0);
        Value(series, "vllm:request_success_total", "finished_reason", "length").ShouldBe(3);
        foreach (var reason in (string[])["stop", "abort", "error"]) Value(series, "vllm:request_success_total", "finished_reason", reason).ShouldBe(0);
        Value(series, "vllm:request_prompt_tokens_sum").ShouldBe(3 * prompt);
        Value(series, "vllm:request_generation_tokens_sum").ShouldBe(13);
        Value(series, "vllm:request_params_max_tokens_sum").ShouldBe(13);
        (Value(series, "vllm:request_params_n_sum"), Value(series, "vllm:request_params_n_count")).ShouldBe((3, 2));
        Value(series, "vllm:request_params_n_bucket", "le", "1.0").ShouldBe(1);
        Value(series, "vllm:inter_token_latency_seconds_count").ShouldBe(4 + 4 + 2);
        Value(series, "vllm:iteration_tokens_total_count").ShouldBeGreaterThan(7);
        foreach (var name in Seconds)
        {
            Value(series, name + "_count").ShouldBeGreaterThanOrEqualTo(3, name);
            Value(series, name + "_bucket", "le", "+Inf").ShouldBe(Value(series, name + "_count"), name);
            Value(series, name + "_sum").ShouldBeInRange(0, 60, name);
        }

        var cache = series.Single(line => line.StartsWith("vllm:cache_config_info{", StringComparison.Ordinal));
        foreach (var label in (string[])["block_size=\"4\"", "num_gpu_blocks=\"1024\"", "model_name=\"tiny-chat\""]) cache.ShouldContain(label);
    }

    [Fact]
    public async Task A_stop_string_is_a_stop_and_no_abort()
    {
        using var gate = new ManualResetEventSlim();
        var runner = new SuccessorRunner(3072, 256);
        await using var surface = await Surface.StartAsync(_ => new BatchingBackend(runner, new ModelCard("tiny-chat", "llama", 3072, 256, "successor"), new BatchingOptions(), TimeProvider.System));
        var text = (await surface.AnswerAsync("/v1/completions", """{"model":"tiny-chat","prompt":"a","max_tokens":4,"temperature":0}"""))["choices"]![0]!["text"]!.ToString();
        runner.BeforeStep = step =>
        {
            if (step > 20) gate.Wait(TestContext.Current.CancellationToken); // or all tokens are made before anybody reads the first ones
        };

        await surface.AnswerAsync("/v1/completions", $$"""{"model":"tiny-chat","prompt":"a","max_tokens":200,"temperature":0,"stop":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""");
        gate.Set();
        await surface.AnswerAsync("/v1/completions", """{"model":"tiny-chat","prompt":"b","max_tokens":1}"""); // by its end the one before was dropped
        var series = await SeriesAsync(surface);

        Value(series, "vllm:request_success_total", "finished_reason", "stop").ShouldBe(1);
        Value(series, "vllm:request_success_total", "finished_reason", "abort").ShouldBe(0);
    }

    [Fact]
    public async Task The_text_is_what_the_format_asks_for()
    {
        await using var surface = await Surface.WithEngineAsync();
        using var answer = await surface.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        text.ShouldEndWith("\n");
        var declared = new List<(string Name, string Type)>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal)) continue;
            if (Regex.Match(line, "^# TYPE (\\S+) (counter|gauge|histogram)$") is { Success: true } type)
            {
                declared.ShouldNotContain(entry => entry.Name == type.Groups[1].Value);
                declared.Add((type.Groups[1].Value, type.Groups[2].Value));
                continue;
            }

            line.ShouldMatch("^[a-z_:0-9]+\\{([a-z_]+=\"([^\"\\\\\\n]|\\\\.)*\",?)+\\} -?[0-9.E+-]+$");
            var (name, kind) = declared[^1]; // its series stand right below it
            var allowed = kind == "histogram" ? (string[])[name + "_bucket", name + "_sum", name + "_count"] : [name];
            allowed.ShouldContain(line[..line.IndexOf('{', StringComparison.Ordinal)]);
            line.ShouldContain("model_name=\"tiny-chat\"");
            if (kind == "counter") name.ShouldEndWith("_total");
        }

        declared.ShouldContain(("vllm:num_requests_waiting", "gauge"));
        declared.ShouldContain(("vllm:request_success_total", "counter"));
        declared.ShouldContain(("vllm:iteration_tokens_total", "histogram"));
    }

    [Fact]
    public async Task While_a_call_runs_it_is_seen_to_run()
    {
        var gated = new GatedBackend();
        await using var surface = await Surface.StartAsync(_ => gated);

        var series = await SeriesAsync(surface);

        (Value(series, "vllm:num_requests_running"), Value(series, "vllm:num_requests_waiting")).ShouldBe((1, 2));
        series.ShouldNotContain(line => line.StartsWith("vllm:generation_tokens_total", StringComparison.Ordinal)); // that backend does not measure
    }

    [Fact]
    public async Task While_the_model_loads_there_is_nothing()
    {
        await using var surface = await Surface.StartAsync(_ => new GatedBackend(), loaded: false);

        (await surface.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    private static async Task<string[]> SeriesAsync(Surface surface) => (await surface.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');

    private static double Value(string[] series, string name, string? label = null, string? value = null)
    {
        var line = series.Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && (label is null || line.Contains($"{label}=\"{value}\"", StringComparison.Ordinal))).ShouldHaveSingleItem();
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
