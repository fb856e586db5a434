using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Tool calls: behaviours 34, 35, 50, 61 to 66 and 75.</summary>
public sealed class ToolCallTests(RunningGateway gateway) : IDisposable
{
    private const string Path = "v1/chat/completions";
    private const string Tools = """[{"type":"function","function":{"name":"get_weather","description":"Weather of a city","strict":true,"parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":20},"unit":{"enum":["celsius","fahrenheit"]}},"required":["city","unit"],"additionalProperties":false}}},{"type":"function","function":{"name":"get_time"}}]""";
    private readonly Wire wire = new(gateway.Address);

    public void Dispose() => wire.Dispose();

    [Fact, Trait("Behaviour", "61")]
    public async Task Choices_of_tools_are_honoured()
    {
        var none = await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{Tools},\"tool_choice\":\"none\"", "What is the weather in Paris?"));
        none["choices"]![0]!["message"]!.AsObject().ContainsKey("tool_calls").ShouldBeFalse();
        Wire.Text(none).ShouldNotContain("<tool_call>");
        foreach (var choice in (string[])["\"required\"", """{"type":"function","function":{"name":"get_time"}}"""])
        {
            var answer = await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{Tools},\"tool_choice\":{choice}", "Hello!"));
            var function = answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray()[0]!["function"]!;
            if (choice[0] == '{') function["name"]!.ToString().ShouldBe("get_time");
            // As recorded: what was asked for by name is no reason to finish.
            answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe(choice[0] == '{' ? "stop" : "tool_calls");
            JsonNode.Parse(function["arguments"]!.ToString()).ShouldBeOfType<JsonObject>();
        }
    }

    [Fact, Trait("Behaviour", "65")]
    public async Task Arguments_of_a_strict_function_satisfy_its_schema_in_every_sample()
    {
        for (var batch = 0; batch < 10; batch++)
        {
            var body = Wire.Chat($",\"n\":20,\"seed\":{batch * 100},\"tools\":{Tools},\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"get_weather\"}}}}", "Hello!").Replace("\"temperature\":0", "\"temperature\":1", StringComparison.Ordinal);
            foreach (var choice in (await wire.AnswerAsync(Path, body))["choices"]!.AsArray())
            {
                var arguments = JsonNode.Parse(choice!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.ToString())!.AsObject();
                arguments.Select(entry => entry.Key).ShouldBe(["city", "unit"]);
                arguments["city"]!.ToString().EnumerateRunes().Count().ShouldBeLessThanOrEqualTo(20);
                arguments["unit"]!.ToString().ShouldBeOneOf("celsius", "fahrenheit");
            }
        }
    }

    [Fact, Trait("Behaviour", "50"), Trait("Behaviour", "63")]
    public async Task A_model_that_calls_by_itself_streams_one_whole_call_and_goes_on_from_its_result()
    {
        var fields = $",\"tools\":{Tools},\"parallel_tool_calls\":false";
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(fields + ",\"stream\":true,\"tool_choice\":\"required\"", "What is the weather in Paris?"));
        var parts = chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).SelectMany(choice => choice!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        parts.Select(part => (int)part!["index"]!).Distinct().ShouldBe([0]);
        parts.Count(part => part!["id"] is not null).ShouldBe(1);
        parts.Count(part => part!["function"]!["name"] is not null).ShouldBe(1);
        var arguments = string.Concat(parts.Select(part => part!["function"]!["arguments"]!.ToString()));
        JsonNode.Parse(arguments).ShouldBeOfType<JsonObject>();
        chunks[^1]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("tool_calls");

        var id = parts[0]!["id"]!.ToString();
        var next = new JsonObject
        {
            ["model"] = "tiny-chat",
            ["temperature"] = 0,
            ["tools"] = JsonNode.Parse(Tools),
            ["tool_choice"] = "none",
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = "What is the weather in Paris?" },
                new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = "get_weather", ["arguments"] = arguments } }) },
                new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = "18 degrees and sunny" }),
        };
        Wire.Text(await wire.AnswerAsync(Path, next.ToJsonString())).ShouldNotBeEmpty();
    }

    [Fact, Trait("Behaviour", "61")]
    public async Task The_model_calls_of_its_own_accord_and_says_what_came_of_it()
    {
        var weather = """[{"type":"function","function":{"name":"get_weather","description":"Get the weather in a city.","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]""";
        var answer = await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{weather}", "What is the weather in Paris?"));
        var message = answer["choices"]![0]!["message"]!;
        message["content"].ShouldBeNull();
        var call = message["tool_calls"]!.AsArray().Single()!;
        call["function"]!["name"]!.ToString().ShouldBe("get_weather");
        JsonNode.Parse(call["function"]!["arguments"]!.ToString())!["city"]!.ToString().ShouldBe("Paris");
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("tool_calls");
        var hello = await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{weather}", "What is the opposite of hot?"));
        hello["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        Wire.Text(hello).ShouldContain("cold");
    }

    [Fact, Trait("Behaviour", "34"), Trait("Behaviour", "35")]
    public async Task Results_come_as_text_or_parts_and_answer_a_call()
    {
        const string Asked = """{"role":"user","content":"What is the weather in Paris?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_time","arguments":"{}"}}]}""";
        string Body(string rest) => $"{{\"model\":\"tiny-chat\",\"temperature\":0,\"max_tokens\":8,\"tools\":{Tools},\"messages\":[{Asked}{rest}]}}";
        var text = await wire.AnswerAsync(Path, Body(""",{"role":"tool","tool_call_id":"call_1","content":"noon"}"""));
        var parts = await wire.AnswerAsync(Path, Body(""",{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"no"},{"type":"text","text":"on"}]}"""));
        parts["choices"]!.ToJsonString().ShouldBe(text["choices"]!.ToJsonString());
        (await wire.RefusedAsync(Path, Body("")))["param"]!.ToString().ShouldBe("messages.[2].role");
        (await wire.RefusedAsync(Path, Body(""",{"role":"tool","tool_call_id":"call_2","content":"x"}""")))["param"]!.ToString().ShouldBe("messages.[2].role");
    }

    [Fact, Trait("Behaviour", "61"), Trait("Behaviour", "64")]
    public async Task Allowed_tools_restrict_the_set()
    {
        var allowed = """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"get_time"}}]}}""";
        var answer = await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{Tools},\"parallel_tool_calls\":false,\"tool_choice\":{allowed}", "What is the weather in Paris?"));
        answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!["function"]!["name"]!.ToString().ShouldBe("get_time");
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("tool_calls");
        (await wire.RefusedAsync(Path, Wire.Chat($",\"tools\":{Tools},\"tool_choice\":{allowed.Replace("get_time", "nothing", StringComparison.Ordinal)}")))["param"]!.ToString().ShouldBe("tool_choice");
    }

    [Fact, Trait("Behaviour", "61")]
    public async Task A_custom_tool_takes_text()
    {
        const string Custom = """[{"type":"custom","custom":{"name":"calculate","description":"Calculates.","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: NUMBER \" + \" NUMBER\nNUMBER: /[0-9]{1,2}/"}}}}]""";
        var choice = ",\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"calculate\"}}";
        var call = (await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{Custom}{choice}", "What is 12 + 7?")))["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!;
        call["type"]!.ToString().ShouldBe("custom");
        call["custom"]!["input"]!.ToString().ShouldMatch(@"^[0-9]{1,2} \+ [0-9]{1,2}$");
        var parts = (await wire.ChunksAsync(Path, Wire.Chat($",\"tools\":{Custom}{choice},\"stream\":true", "What is 12 + 7?")))
            .SelectMany(chunk => chunk["choices"]!.AsArray()).SelectMany(one => one!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        string.Concat(parts.Select(part => part!["custom"]!["input"]!.ToString())).ShouldBe(call["custom"]!["input"]!.ToString());
    }

    [Fact, Trait("Behaviour", "61")]
    public async Task Functions_of_old_work_as_they_did()
    {
        var answer = await wire.AnswerAsync(Path, Wire.Chat(",\"functions\":[{\"name\":\"get_time\"}],\"function_call\":{\"name\":\"get_time\"}", "Hello!"));
        answer["choices"]![0]!["message"]!["function_call"]!.ToJsonString().ShouldBe("""{"name":"get_time","arguments":"{}"}""");
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("function_call");
    }

    [Fact, Trait("Behaviour", "75")]
    public async Task Beside_tools_an_answer_is_a_call_or_obeys_its_format()
    {
        var format = """{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object","properties":{"word":{"enum":["hot","cold"]}},"required":["word"],"additionalProperties":false}}}""";
        foreach (var question in (string[])["What is the opposite of hot?", "What is the weather in Paris?"])
        {
            var choice = (await wire.AnswerAsync(Path, Wire.Chat($",\"tools\":{Tools},\"response_format\":{format}", question)))["choices"]![0]!;
            if (choice["finish_reason"]!.ToString() == "tool_calls") choice["message"]!["tool_calls"]!.AsArray().Count.ShouldBeGreaterThan(0);
            else JsonNode.Parse(choice["message"]!["content"]!.ToString())!["word"]!.ToString().ShouldBeOneOf("hot", "cold");
        }
    }

    [Theory, Trait("Behaviour", "66")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":2,\"maximum\":1}},\"required\":[\"a\"]}}}")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"objekt\"}}}")]
    public async Task A_schema_that_nothing_satisfies_is_refused_in_every_mode(string tool)
    {
        foreach (var choice in (string[])["none", "auto", "required"])
        {
            var error = await wire.RefusedAsync(Path, Wire.Chat($",\"tools\":[{tool}],\"tool_choice\":\"{choice}\""));
            error["code"]!.ToString().ShouldBe("invalid_function_parameters");
            error["param"]!.ToString().ShouldBe("tools[0].function.parameters");
        }
    }

    [Fact, Trait("Behaviour", "66")]
    public async Task A_strict_function_that_breaks_a_rule_is_refused_with_its_place()
    {
        var error = await wire.RefusedAsync(Path, Wire.Chat(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]"));
        error["code"]!.ToString().ShouldBe("invalid_function_parameters");
        error["param"]!.ToString().ShouldBe("tools[0].function.parameters");
        error["message"]!.ToString().ShouldBe("Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.");
    }
}
