using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests.Tools;

/// <summary>What models of each family write, over HTTP: plain, and as a stream that says the same.</summary>
public sealed class FamilyAnswerTests
{
    private const string Tools = """[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"},"note":{"type":"string"}}}}},{"type":"function","function":{"name":"now"}}]""";
    private const string Path = "/v1/chat/completions";

    public static TheoryData<string, string, string?> Answers => new()
    {
        // marks in the template, the answer, its content
        { "<tool_call> </tool_call> \"arguments\"", "One moment.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"note\": \"</tool_call>\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", "One moment." },
        { "<tool_call> <function= <parameter=", "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=note>\n</tool_call>\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=now>\n</function>\n</tool_call>", null },
        { "{\"name\": \"parameters\" ipython", "{\"name\": \"add\", \"parameters\": {\"a\": 1, \"note\": \"</tool_call>\"}}", null },
        { "{\"name\": \"parameters\" ipython", "Well: <|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1, \"note\": \"</tool_call>\"}}", "Well:" },
        { "[f(a=1)]", "[add(a=1, note=\"</tool_call>\"), now()]", null },
        { "<|tool_call_start|>[", "Wait.\n<|tool_call_start|>[add(a=1, note=\"</tool_call>\"), now()]<|tool_call_end|>", "Wait." },
        { "[TOOL_CALLS]", "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1, \"note\": \"</tool_call>\"}}, {\"name\": \"now\", \"arguments\": {}}]", null },
        { "[TOOL_CALLS] [ARGS]", "Hm [TOOL_CALLS]add[ARGS]{\"a\": 1, \"note\": \"</tool_call>\"}[TOOL_CALLS]now[ARGS]{}", "Hm" },
        { "[TOOL_CALLS] [CALL_ID] [ARGS]", "[TOOL_CALLS]add[CALL_ID]abcdefghi[ARGS]{\"a\": 1, \"note\": \"</tool_call>\"}[TOOL_CALLS]now[ARGS]{}", null },
        { "none of them", "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"note\": \"</tool_call>\"}}\n</tool_call>", null },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task Calls_of_every_family_are_told_from_what_is_said(string marks, string answer, string? content)
    {
        await using var surface = await StartAsync(marks, answer);
        foreach (var (fields, finish) in ((string, string)[])[("", "tool_calls"), (",\"tool_choice\":\"required\"", "tool_calls"), (",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"add\"}}", "stop")])
        {
            var body = $",\"logprobs\":true,\"tools\":{Tools}{fields}";
            // A forced answer has no room for words, and one that was named none for another call.
            if ((fields.Length > 0 && content is not null) || (finish == "stop" && answer.Contains("now", StringComparison.Ordinal))) continue;
            var plain = (await surface.AnswerAsync(Path, Surface.Chat(body)))["choices"]![0]!;
            ((string?)plain["message"]!["content"]).ShouldBe(content);
            var calls = plain["message"]!["tool_calls"]!.AsArray();
            calls[0]!["function"]!["name"]!.ToString().ShouldBe("add");
            JsonNode.DeepEquals(JsonNode.Parse(calls[0]!["function"]!["arguments"]!.ToString()), JsonNode.Parse("""{"a":1,"note":"</tool_call>"}""")).ShouldBeTrue();
            if (answer.Contains("now", StringComparison.Ordinal)) calls[1]!["function"]!["arguments"]!.ToString().ShouldBe("{}");
            calls.Select(call => call!["id"]!.ToString()).Distinct().Count().ShouldBe(calls.Count);
            plain["finish_reason"]!.ToString().ShouldBe(finish);
            string.Concat(plain["logprobs"]!["content"]!.AsArray().Select(token => token!["token"]!.ToString())).Trim().ShouldBe(content ?? "");

            var chunks = (await surface.EventsAsync(Path, Surface.Chat(body + ",\"stream\":true")))[..^1].Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
            string.Concat(chunks.Select(chunk => (string?)chunk["delta"]!["content"])).ShouldBe(content ?? "");
            var parts = chunks.SelectMany(chunk => chunk["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
            parts.Where(part => part!["id"] is not null).Select(part => part!["function"]!["name"]!.ToString()).ShouldBe(calls.Select(call => call!["function"]!["name"]!.ToString()));
            for (var index = 0; index < calls.Count; index++)
                string.Concat(parts.Where(part => (int)part!["index"]! == index).Select(part => part!["function"]!["arguments"]!.ToString())).ShouldBe(calls[index]!["function"]!["arguments"]!.ToString());
            chunks[^1]["finish_reason"]!.ToString().ShouldBe(finish);
            chunks[0]["delta"]!["role"]!.ToString().ShouldBe("assistant");
            chunks.Skip(1).ShouldAllBe(chunk => chunk["delta"]!["role"] == null);
            if (content is null) chunks[0]["delta"]!["tool_calls"]![0]!["function"]!["arguments"]!.ToString().ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("{\"name\": \"parameters\" ipython", "{\"nam\": \"Bob\"}")]
    [InlineData("[f(a=1)]", "[1, 2, 3]")]
    [InlineData("<tool_call> </tool_call> \"arguments\"", "a <tool_cal> is none")]
    public async Task What_only_looks_like_a_call_is_content(string marks, string answer)
    {
        await using var surface = await StartAsync(marks, answer);
        var choice = (await surface.AnswerAsync(Path, Surface.Chat($",\"tools\":{Tools}")))["choices"]![0]!;
        choice["message"]!["content"]!.ToString().ShouldBe(answer);
        choice["message"]!.AsObject().ContainsKey("tool_calls").ShouldBeFalse();
        choice["finish_reason"]!.ToString().ShouldBe("stop");
    }

    [Theory]
    [InlineData("Fine. Go on.", "Go", "Fine. ", "stop")]
    [InlineData("Fine.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"note\": \"Go\"}}\n</tool_call>", "Go", "Fine.", "tool_calls")]
    [InlineData("Fine.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"note\": \"Go\"}}\n</tool_call>", "<tool", "Fine.", "tool_calls")]
    public async Task Stop_strings_end_what_is_said_and_no_call(string answer, string stop, string content, string finish)
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", answer);
        var choice = (await surface.AnswerAsync(Path, Surface.Chat($",\"stop\":\"{stop}\",\"tools\":{Tools}")))["choices"]![0]!;
        choice["message"]!["content"]!.ToString().ShouldBe(content);
        choice["finish_reason"]!.ToString().ShouldBe(finish);
        if (finish == "tool_calls") choice["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.ToString().ShouldBe("{\"note\": \"Go\"}");
    }

    [Theory]
    [InlineData("<think>\nI <tool_call> think\n</think>\n\n", "{# <think> </think> #}")]
    [InlineData("I <tool_call> think\n</think>\n\n", "<think>{# </think> #}")]
    public async Task Thoughts_come_before_calls_and_are_counted(string thoughts, string opening)
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", thoughts + "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", opening);
        foreach (var fields in (string[])["", ",\"tool_choice\":\"required\"", ",\"stop\":\"name\""])
        {
            var answer = await surface.AnswerAsync(Path, Surface.Chat($",\"tools\":{Tools}{fields}"));
            var message = answer["choices"]![0]!["message"]!;
            message["reasoning_content"]!.ToString().ShouldBe("I <tool_call> think");
            message["content"].ShouldBeNull();
            message["tool_calls"]!.AsArray().Single()!["function"]!["name"]!.ToString().ShouldBe("now");
            var reasoned = (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!;
            reasoned.ShouldBeInRange(3, (int)answer["usage"]!["completion_tokens"]! - 3);
        }
    }

    [Fact]
    public async Task Functions_of_old_are_called_and_answered_in_their_own_fields()
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", "<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>");
        var body = ",\"functions\":[{\"name\":\"now\"}]";
        var choice = (await surface.AnswerAsync(Path, Surface.Chat(body)))["choices"]![0]!;
        choice["message"]!["function_call"]!.ToJsonString().ShouldBe("""{"name":"now","arguments":"{}"}""");
        choice["message"]!["content"].ShouldBeNull();
        choice["message"]!.AsObject().ContainsKey("tool_calls").ShouldBeFalse();
        choice["finish_reason"]!.ToString().ShouldBe("function_call");
        var chunks = (await surface.EventsAsync(Path, Surface.Chat(body + ",\"stream\":true")))[..^1].Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
        chunks[0]["delta"]!.ToJsonString().ShouldBe("""{"role":"assistant","content":null,"function_call":{"name":"now","arguments":""},"refusal":null}""");
        string.Concat(chunks.Select(chunk => (string?)chunk["delta"]!["function_call"]?["arguments"])).ShouldBe("{}");
        chunks[^1]["finish_reason"]!.ToString().ShouldBe("function_call");
    }

    [Fact]
    public async Task A_custom_tool_gets_text_and_not_json()
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", "<tool_call>\n{\"name\": \"run\", \"arguments\": {\"input\": \"print(\\\"é\\\")\\n\\\\\"}}\n</tool_call>");
        var body = ",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"run\",\"description\":\"runs code\"}}]";
        var call = (await surface.AnswerAsync(Path, Surface.Chat(body)))["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!;
        call["type"]!.ToString().ShouldBe("custom");
        call["custom"]!["name"]!.ToString().ShouldBe("run");
        call["custom"]!["input"]!.ToString().ShouldBe("print(\"é\")\n\\");
        var parts = (await surface.EventsAsync(Path, Surface.Chat(body + ",\"stream\":true")))[..^1].SelectMany(line => JsonNode.Parse(line)!["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        parts[0]!["type"]!.ToString().ShouldBe("custom");
        parts[0]!["custom"]!.ToJsonString().ShouldBe("""{"name":"run","input":""}""");
        string.Concat(parts.Select(part => part!["custom"]!["input"]!.ToString())).ShouldBe("print(\"é\")\n\\");
        parts.Count.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task Every_token_id_of_a_streamed_call_travels_once()
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", "Yes.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>");
        var body = $",\"return_token_ids\":true,\"tools\":{Tools}";
        var plain = (await surface.AnswerAsync(Path, Surface.Chat(body)))["choices"]![0]!["token_ids"]!.AsArray().Select(id => (int)id!).ToList();
        var chunks = await surface.EventsAsync(Path, Surface.Chat(body + ",\"stream\":true"));
        chunks[..^1].SelectMany(line => JsonNode.Parse(line)!["choices"]![0]!["token_ids"]?.AsArray() ?? []).Select(id => (int)id!).ShouldBe(plain);
    }

    [Fact]
    public async Task A_call_that_is_cut_by_the_token_limit_says_so()
    {
        await using var surface = await StartAsync("<tool_call> </tool_call> \"arguments\"", "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"note\": \"a long, long, long, long, long, long, long note\"}}\n</tool_call>");
        var choice = (await surface.AnswerAsync(Path, Surface.Chat($",\"max_tokens\":40,\"tools\":{Tools}")))["choices"]![0]!;
        choice["finish_reason"]!.ToString().ShouldBe("length");
        choice["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.ToString().ShouldStartWith("{\"note\": \"a long");
    }

    private static Task<Surface> StartAsync(string marks, string answer, string opening = "") => Surface.StartAsync(
        folder => new ScriptedBackend([.. folder.Tokenizer.Encode(answer, addSpecialTokens: false), 2]), template: $"{{{{ messages[-1].content }}}}{{# tools {marks} #}}{opening}");
}
