using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

/// <summary>Every field with every kind of value: accepted or refused with its name, never a 500.</summary>
public class MalformedFieldTests
{
    internal static readonly string[] Values =
    [
        "null", "true", "\"text\"", "\"\"", "0", "-1", "1.5", "1e400", "-1e400", "99999999999999999999999999999999999", "[]", "[null]", "[[]]", "[1e9]", "{}",
        "{\"type\":null}", "{\"type\":{}}", "[{\"role\":\"tool\",\"content\":1}]", "{\"a\":{\"a\":1},\"a\":[]}", "\"\\u0000\"", "[\"\"]",
    ];

    public static TheoryData<string, string> Fields()
    {
        var fields = new TheoryData<string, string>();
        string[] shared =
        [
            "model", "stream", "stream_options", "logprobs", "n", "stop", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty",
            "frequency_penalty", "logit_bias", "seed", "max_tokens", "stop_token_ids", "user", "best_of", "typical_p", "epsilon_cutoff", "eta_cutoff", "no_repeat_ngram_size", "min_tokens",
            "ignore_eos", "bad_words", "skip_special_tokens", "return_token_ids", "use_beam_search", "length_penalty", "early_stopping",
        ];
        string[] chat =
        [
            "messages", "top_logprobs", "max_completion_tokens", "service_tier", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
            "prompt_cache_options", "prediction", "parallel_tool_calls", "store", "reasoning_effort", "verbosity", "audio", "web_search_options", "moderation",
            "tools", "tool_choice", "functions", "function_call", "modalities", "response_format", "chat_template_kwargs", "add_generation_prompt", "continue_final_message",
        ];
        foreach (var field in shared.Concat(chat)) fields.Add("/v1/chat/completions", field);
        foreach (var field in shared.Concat(["prompt", "echo", "suffix"])) fields.Add("/v1/completions", field);
        return fields;
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_field_of_any_kind_is_accepted_or_refused_by_name(string path, string field)
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 301, 2]));
        foreach (var value in Values)
        {
            var body = (path.Contains("chat", StringComparison.Ordinal) ? Surface.Chat()[..^1] : "{\"model\":\"tiny-chat\",\"prompt\":\"a\"") + $",\"{field}\":{value}}}";
            using var response = await surface.PostAsync(path, body);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.OK) continue;
            ((int)response.StatusCode).ShouldBeInRange(400, 404, $"{value}: {text}");
            var error = JsonNode.Parse(text)!["error"]!;
            if (field == "model") continue;
            ((string?)error["param"] ?? "").ShouldStartWith(field == "stream_options" ? "stream" : field, Case.Sensitive, $"{value}: {text}");
        }
    }

    [Theory]
    [InlineData("[{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"x\"}]", "messages.[0].role")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"user\",\"content\":\"x\"}]", "messages.[1].role")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"arguments\":\"{}\"}}]}]", "messages[0].tool_calls[0].function.name")]
    public async Task Tool_messages_out_of_order_are_refused(string messages, string param)
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]));
        (await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"messages\":{messages}")))["param"]!.ToString().ShouldBe(param);
    }

    [Fact]
    public async Task Metadata_has_bounds()
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]));
        var seventeen = string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"{i}\":\"\""));
        (await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"metadata\":{{{seventeen}}}")))["param"]!.ToString().ShouldBe("metadata");
        await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"metadata\":{{\"{new string('k', 65)}\":\"\"}}"));
        await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"metadata\":{{\"k\":\"{new string('v', 513)}\"}}"));
        await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"metadata\":{{\"k\":\"{new string('v', 512)}\"}}"));
    }

    [Fact]
    public async Task A_chat_to_a_model_without_a_template_is_refused_and_completions_still_work()
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]), withTemplate: false);
        (await surface.RefusedAsync("/v1/chat/completions", Surface.Chat()))["message"]!.ToString().ShouldContain("no chat template");
        await surface.AnswerAsync("/v1/completions", """{"model":"tiny-chat","prompt":"a"}""");
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_and_other_content_types_are_refused()
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]));
        using var broken = new ByteArrayContent([(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}']);
        broken.Headers.ContentType = new("application/json");
        (await surface.Http.PostAsync("/v1/completions", broken, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var form = new FormUrlEncodedContent([new("model", "tiny-chat")]);
        (await surface.Http.PostAsync("/v1/completions", form, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }
}
