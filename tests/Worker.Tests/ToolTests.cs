using System.Text.Json.Nodes;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Tests;

/// <summary>Tool calls over HTTP: with a network that counts upwards what is valid is the grammar's doing; what a model writes by itself is scripted.</summary>
public sealed class ToolTests : IAsyncLifetime
{
    private const string Weather = """{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"enum":["Oslo","Rome"]},"days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"],"additionalProperties":false},"strict":true}}""";
    private const string Now = """{"type":"function","function":{"name":"now"}}""";
    private Surface surface = null!;

    public async ValueTask InitializeAsync() => surface = await Surface.WithEngineAsync(1024);

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Theory]
    [InlineData("\"required\"", "^(weather|now)$")]
    [InlineData("""{"type":"function","function":{"name":"weather"}}""", "^weather$")]
    [InlineData("""{"type":"function","function":{"name":"now"}}""", "^now$")]
    public async Task A_forced_call_is_valid_at_any_temperature(string choice, string name)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":{seed},\"stop\":[\"city\"],\"tools\":[{Weather},{Now}],\"tool_choice\":{choice}"));
            var message = answer["choices"]![0]!["message"]!;
            answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("tool_calls");
            message["content"].ShouldBeNull();
            var call = message["tool_calls"]!.AsArray().Single()!;
            call["id"]!.ToString().ShouldMatch("^call_[A-Za-z0-9]{24}$");
            var function = call["function"]!;
            function["name"]!.ToString().ShouldMatch(name);
            var arguments = JsonNode.Parse(function["arguments"]!.ToString())!.AsObject();
            if (function["name"]!.ToString() == "now") arguments.ShouldBeEmpty();
            else ((int)arguments["days"]!).ShouldBeInRange(1, 9);
        }
    }

    [Fact]
    public async Task A_streamed_call_is_the_plain_one_in_pieces()
    {
        var chunks = (await surface.EventsAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":4,\"stream\":true,\"tools\":[{Weather}],\"tool_choice\":\"required\"")))[..^1]
            .Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
        var calls = chunks.SelectMany(chunk => chunk["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        calls.Count(call => call!["id"] is not null).ShouldBe(1);
        calls[0]!["function"]!["name"]!.ToString().ShouldBe("weather");
        calls.ShouldAllBe(call => (int)call!["index"]! == 0);
        var plain = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":4,\"tools\":[{Weather}],\"tool_choice\":\"required\""));
        string.Concat(calls.Select(call => call!["function"]!["arguments"]!.ToString())).ShouldBe(plain["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.ToString());
        chunks[^1]["finish_reason"]!.ToString().ShouldBe("tool_calls");
        string.Concat(chunks.Select(chunk => (string?)chunk["delta"]!["content"])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Schemas_that_cannot_be_enforced_bind_a_function_less_and_are_named_in_a_header()
    {
        var tool = """{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"array","uniqueItems":true}}}}}""";
        using var response = await surface.PostAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":0,\"max_tokens\":20,\"tools\":[{tool}],\"tool_choice\":\"required\""));
        response.IsSuccessStatusCode.ShouldBeTrue();
        response.Headers.GetValues("x-gateway-unenforced").ShouldBe(["tools[0].function.parameters"]);
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}},{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "tools", "more than once")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "letters")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "Missing")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"b\"}}", "tool_choice", "'b'")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]", "tools[0].function.parameters", "Invalid schema for function 'f': In context=(), 'additionalProperties'")]
    public async Task A_wrong_tool_is_refused_and_named(string fields, string param, string word)
    {
        var refusal = await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",{fields}"));
        var error = refusal["error"] ?? refusal;
        error["param"]!.ToString().ShouldBe(param);
        error["message"]!.ToString().ShouldContain(word);
    }

    [Fact]
    public async Task More_tools_than_128_are_refused()
    {
        var tools = string.Join(',', Enumerable.Range(0, 129).Select(i => $"{{\"type\":\"function\",\"function\":{{\"name\":\"f{i}\"}}}}"));
        var refusal = await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"tools\":[{tools}]"));
        (refusal["error"] ?? refusal)["param"]!.ToString().ShouldBe("tools");
    }

    [Fact]
    public void However_a_text_is_cut_its_calls_and_content_are_the_same()
    {
        var form = ToolCallForms.Of("tools <tool_call> \"arguments\" </tool_call>").ShouldNotBeNull();
        const string text = "Let me < look.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"}</tool_call>\\\"{\", \"b\": [{}]}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>";
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second += 7)
            {
                var splitter = new ToolCallSplitter(form);
                var content = "";
                var calls = new List<(string Name, string Arguments)>();
                foreach (var (part, last) in ((string, bool)[])[(text[..first], false), (text[first..second], false), (text[second..], true)])
                {
                    var (said, parts) = splitter.Append(part, last);
                    content += said;
                    foreach (var call in parts)
                    {
                        if (call.Name is { } name) calls.Add((name, ""));
                        calls[^1] = (calls[^1].Name, calls[^1].Arguments + call.Arguments);
                    }
                }

                content.TrimEnd().ShouldBe("Let me < look.");
                calls.ShouldBe([("f", "{\"a\": \"}</tool_call>\\\"{\", \"b\": [{}]}"), ("g", "{}")]);
            }
        }
    }
}
