using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

/// <summary>The real HTTP surface over a scripted backend and the embedded model's tokenizer and template.</summary>
public sealed class HttpSurfaceTests : IAsyncLifetime
{
    private const string Text = "Hello there, friend.";
    private ScriptedBackend backend = null!;
    private Surface surface = null!;

    public async ValueTask InitializeAsync() =>
        surface = await Surface.StartAsync(folder => backend = new ScriptedBackend([.. folder.Tokenizer.Encode(Text), 2]));

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Fact]
    public async Task The_plain_answer_and_the_stream_s_concatenation_are_the_same_text()
    {
        var plain = await Chat("");
        plain["choices"]![0]!["message"]!["content"]!.ToString().ShouldBe(Text);
        plain["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        var usage = plain["usage"]!;
        ((int)usage["total_tokens"]!).ShouldBe((int)usage["prompt_tokens"]! + (int)usage["completion_tokens"]!);

        var events = await Events("/v1/chat/completions", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        events[^1].ShouldBe("[DONE]");
        var chunks = events[..^1].Select(line => JsonNode.Parse(line)!).ToList();
        chunks[0]["choices"]![0]!["delta"]!["role"]!.ToString().ShouldBe("assistant");
        string.Concat(chunks[..^1].Select(chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])).ShouldBe(Text);
        chunks[^2]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        ((JsonArray)chunks[^1]["choices"]!).Count.ShouldBe(0);
        chunks[^1]["usage"]!.ToJsonString().ShouldBe(usage.ToJsonString());
    }

    [Fact]
    public async Task A_stop_string_that_spans_tokens_ends_the_text_and_the_sequence()
    {
        var answer = await Chat(",\"stop\":\"there, fr\",\"logprobs\":true");
        answer["choices"]![0]!["message"]!["content"]!.ToString().ShouldBe("Hello ");
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        backend.Disposed.ShouldBe(1);
    }

    [Fact]
    public async Task Several_choices_keep_their_indexes_and_share_the_prompt_s_count()
    {
        var one = await Chat("");
        var three = await Chat(",\"n\":3");
        ((JsonArray)three["choices"]!).Select(choice => (int)choice!["index"]!).ShouldBe([0, 1, 2]);
        ((int)three["usage"]!["prompt_tokens"]!).ShouldBe((int)one["usage"]!["prompt_tokens"]!);
        ((int)three["usage"]!["completion_tokens"]!).ShouldBe(3 * (int)one["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task A_failure_in_a_stream_is_one_error_event_and_no_done()
    {
        backend.FailAfter = 2;
        var events = await Events("/v1/chat/completions", ",\"stream\":true");
        events.Count(line => line.StartsWith("{\"error\"", StringComparison.Ordinal)).ShouldBe(1);
        events[^1].ShouldStartWith("{\"error\"");
    }

    [Fact]
    public async Task A_failure_before_the_first_token_and_a_full_queue_keep_their_status()
    {
        backend.FailAfter = 0;
        (await Post("/v1/chat/completions", Body(",\"stream\":true"))).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        backend.Busy = true;
        var busy = await Post("/v1/chat/completions", Body(""));
        busy.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        busy.Headers.GetValues("Retry-After").ShouldBe(["2"]);
        busy.Headers.GetValues("retry-after-ms").ShouldBe(["1500"]);
    }

    [Theory]
    [InlineData(",\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\"]", "stop", "array_above_max_length")]
    [InlineData(",\"n\":0", "n", "integer_below_min_value")]
    [InlineData(",\"n\":129", "n", "integer_above_max_value")]
    [InlineData(",\"n\":1.5", "n", "invalid_type")]
    [InlineData(",\"temperature\":2.1", "temperature", "decimal_above_max_value")]
    [InlineData(",\"top_p\":\"x\"", "top_p", "invalid_type")]
    [InlineData(",\"logit_bias\":{\"3072\":1}", "logit_bias", "invalid_value")]
    [InlineData(",\"logit_bias\":{\"1\":101}", "logit_bias.1", "decimal_above_max_value")]
    [InlineData(",\"top_logprobs\":1", "top_logprobs", "invalid_value")]
    [InlineData(",\"stream_options\":{}", "stream_options", "invalid_value")]
    [InlineData(",\"tools\":[{}]", "tools[0].type", "missing_required_parameter")]
    [InlineData(",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"not\":{}}}}", "response_format", "invalid_json_schema")]
    [InlineData(",\"messages\":[]", "messages", "empty_array")]
    [InlineData(",\"messages\":[{\"role\":\"x\",\"content\":\"\"}]", "messages[0].role", "invalid_value")]
    [InlineData(",\"messages\":[{\"role\":\"user\"}]", "messages[0].content", "missing_required_parameter")]
    [InlineData(",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]", "messages[0].content[0].type", "unsupported_value")]
    public async Task A_wrong_field_is_named(string extra, string param, string code)
    {
        var error = await Refused("/v1/chat/completions", Body(extra), HttpStatusCode.BadRequest);
        error["param"]!.ToString().ShouldBe(param);
        error["code"]!.ToString().ShouldBe(code);
        await Chat("");
    }

    [Fact]
    public async Task A_prompt_beyond_the_context_is_refused_with_both_numbers()
    {
        var error = await Refused("/v1/completions", $$"""{"model":"tiny-chat","prompt":[{{string.Join(',', Enumerable.Repeat(5, 300))}}]}""", HttpStatusCode.BadRequest);
        error["code"]!.ToString().ShouldBe("context_length_exceeded");
        error["message"]!.ToString().ShouldContain("256");
        error["message"]!.ToString().ShouldContain("300");
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{\"model\":\"tiny-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", HttpStatusCode.BadRequest)]
    [InlineData("{\"model\":\"other\",\"messages\":[]}", HttpStatusCode.NotFound)]
    public async Task A_broken_body_is_refused(string body, HttpStatusCode status) => await Refused("/v1/chat/completions", body, status);

    [Fact]
    public async Task Deep_nesting_and_a_body_over_the_limit_are_refused_and_the_next_call_works()
    {
        await Refused("/v1/chat/completions", new string('[', 100_000) + new string(']', 100_000), HttpStatusCode.BadRequest);
        await Refused("/v1/chat/completions", new string(' ', 400_000), HttpStatusCode.RequestEntityTooLarge);
        await Chat("");
    }

    [Fact]
    public async Task Unknown_urls_and_methods_have_the_error_shape_and_the_headers()
    {
        (await Refused("/v1/nothing", "{}", HttpStatusCode.NotFound))["message"]!.ToString().ShouldBe("Invalid URL (POST /v1/nothing)");
        var wrong = await surface.Http.GetAsync("/v1/chat/completions", TestContext.Current.CancellationToken);
        wrong.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        wrong.Headers.Contains("x-request-id").ShouldBeTrue();
        wrong.Headers.Contains("openai-processing-ms").ShouldBeTrue();
    }

    [Fact]
    public async Task Completions_index_prompts_and_default_to_sixteen_tokens()
    {
        var response = await Post("/v1/completions", """{"model":"tiny-chat","prompt":["a","b"],"n":2,"echo":true,"max_tokens":1}""");
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        ((JsonArray)answer["choices"]!).Select(choice => choice!["text"]!.ToString()[..1]).ShouldBe(["a", "a", "b", "b"]);
        answer["choices"]![3]!["finish_reason"]!.ToString().ShouldBe("length");
    }

    private static string Body(string extra) => Surface.Chat(extra);

    private Task<HttpResponseMessage> Post(string path, string body) => surface.PostAsync(path, body);

    private Task<JsonNode> Chat(string extra) => surface.AnswerAsync("/v1/chat/completions", Body(extra));

    private Task<List<string>> Events(string path, string extra) => surface.EventsAsync(path, Body(extra));

    private Task<JsonNode> Refused(string path, string body, HttpStatusCode status) => surface.RefusedAsync(path, body, status);
}
