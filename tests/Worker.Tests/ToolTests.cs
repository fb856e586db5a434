using System.Text.Json.Nodes;

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
            var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":{seed},\"parallel_tool_calls\":false,\"stop\":[\"city\"],\"tools\":[{Weather},{Now}],\"tool_choice\":{choice}"));
            var message = answer["choices"]![0]!["message"]!;
            answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe(choice[0] == '{' ? "stop" : "tool_calls");
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
        var chunks = (await surface.EventsAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":4,\"stream\":true,\"parallel_tool_calls\":false,\"tools\":[{Weather}],\"tool_choice\":\"required\"")))[..^1]
            .Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
        var calls = chunks.SelectMany(chunk => chunk["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        calls.Count(call => call!["id"] is not null).ShouldBe(1);
        calls[0]!["function"]!["name"]!.ToString().ShouldBe("weather");
        calls.ShouldAllBe(call => (int)call!["index"]! == 0);
        var plain = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":4,\"parallel_tool_calls\":false,\"tools\":[{Weather}],\"tool_choice\":\"required\""));
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
        response.Headers.GetValues("x-gateway-unenforced").ShouldBe(["tools[0].function.parameters#/properties/a/uniqueItems"]);
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}},{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "tools", "more than once")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "letters")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", "Missing")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"b\"}}", "tool_choice", "'b'")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "tools")]
    [InlineData("\"functions\":[{\"name\":\"a\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]", "functions", "together")]
    [InlineData("\"functions\":[{\"name\":\"a\"},{\"name\":\"a\"}]", "functions", "more than once")]
    [InlineData("\"functions\":[{\"name\":\"a\"}],\"function_call\":{\"name\":\"b\"}", "function_call", "'b'")]
    [InlineData("\"function_call\":{\"name\":\"b\"}", "function_call", "functions")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"\"}}]", "tools[0].custom.name", "letters")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"grammar\"}}}]", "tools[0].custom.format.grammar", "Missing")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"regex\",\"definition\":\"(\"}}}}]", "tools[0].custom.format.grammar.definition", "Invalid")]
    [InlineData("\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"lark\",\"definition\":\"start: nope\"}}}}]", "tools[0].custom.format.grammar.definition", "nope")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"a\"}}", "tool_choice", "custom tool")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"b\"}}]}}", "tool_choice", "'b'")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"none\",\"tools\":[]}}", "tool_choice.allowed_tools.mode", "none")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"use_beam_search\":true,\"n\":2", "use_beam_search", "tools")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}],\"guided_regex\":\"a\"", "guided_regex", "JSON")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"string\"}}}]", "tools[0].function.parameters", "object")]
    [InlineData("\"tool_choice\":\"none\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[]}}}}}]", "tools[0].function.parameters", "enum")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"minItems\":3,\"maxItems\":2}},\"required\":[\"a\"]}}}]", "tools[0].function.parameters", "minItems")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]", "tools[0].function.parameters", "Invalid schema for function 'f': In context=(), 'additionalProperties'")]
    public async Task A_wrong_tool_is_refused_and_named(string fields, string param, string word)
    {
        var refusal = await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",{fields}"));
        var error = refusal["error"] ?? refusal;
        error["param"]!.ToString().ShouldBe(param);
        error["message"]!.ToString().ShouldContain(word);
    }

    [Theory]
    [InlineData(129)]
    [InlineData(2048)]
    public async Task More_tools_than_128_are_refused(int count)
    {
        var tools = string.Join(',', Enumerable.Range(0, count).Select(i => $"{{\"type\":\"function\",\"function\":{{\"name\":\"f{i}\"}}}}"));
        var refusal = await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",\"tools\":[{tools}]"));
        (refusal["error"] ?? refusal)["param"]!.ToString().ShouldBe("tools");
    }

    [Fact]
    public async Task Only_allowed_tools_are_called_and_parallel_calls_can_be_forbidden()
    {
        var allowed = """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"now"}}]}}""";
        for (var seed = 0; seed < 8; seed++)
        {
            var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":{seed},\"max_tokens\":300,\"tools\":[{Weather},{Now}],\"parallel_tool_calls\":{(seed % 2 == 0 ? "true" : "false")},\"tool_choice\":{allowed}"));
            var calls = answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray();
            calls.Select(call => call!["function"]!["name"]!.ToString()).Distinct().ShouldBe(["now"]);
            if (seed % 2 == 1) calls.Count.ShouldBe(1);
        }
    }

    [Fact]
    public async Task Beside_tools_an_answer_is_a_call_or_obeys_its_format()
    {
        var format = """{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","properties":{"n":{"type":"integer","minimum":1,"maximum":99}},"required":["n"],"additionalProperties":false}}}""";
        var (calls, contents) = (0, 0);
        for (var batch = 0; batch < 3; batch++)
        {
            var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"n\":10,\"seed\":{batch * 100},\"parallel_tool_calls\":false,\"tools\":[{Now}],\"response_format\":{format}"));
            foreach (var choice in answer["choices"]!.AsArray())
            {
                if (choice!["message"]!["tool_calls"] is JsonArray made)
                {
                    made.Single()!["function"]!["name"]!.ToString().ShouldBe("now");
                    choice["message"]!["content"].ShouldBeNull();
                    choice["finish_reason"]!.ToString().ShouldBe("tool_calls");
                    calls++;
                    continue;
                }

                ((int)JsonNode.Parse(choice["message"]!["content"]!.ToString())!["n"]!).ShouldBeInRange(1, 99);
                contents++;
            }
        }

        calls.ShouldBeGreaterThan(0);
        contents.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("regex", "[0-9]{1,3}( \\\\+ [0-9]{1,3}){1,2}", "^[0-9]{1,3}( \\+ [0-9]{1,3}){1,2}$")]
    [InlineData("lark", "start: WORD \\\"\\\\n\\\" quoted\\nquoted: \\\"\\\\\\\"\\\" WORD \\\"\\\\\\\"\\\"\\nWORD: /[a-z]{1,4}/", "^[a-z]{1,4}\n\"[a-z]{1,4}\"$")]
    public async Task A_custom_tool_is_held_to_its_grammar(string syntax, string definition, string expected)
    {
        var tool = "{\"type\":\"custom\",\"custom\":{\"name\":\"sum\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"" + syntax + "\",\"definition\":\"" + definition + "\"}}}}";
        for (var seed = 0; seed < 6; seed++)
        {
            var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat($",\"temperature\":1,\"seed\":{seed},\"tools\":[{tool}],\"tool_choice\":{{\"type\":\"custom\",\"custom\":{{\"name\":\"sum\"}}}}"));
            answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!["custom"]!["input"]!.ToString().ShouldMatch(expected);
            answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        }
    }
}
