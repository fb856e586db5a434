using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Tool calls: behaviours 50 and 61 to 66.</summary>
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
            var function = answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!["function"]!;
            if (choice[0] == '{') function["name"]!.ToString().ShouldBe("get_time");
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

    [Fact, Trait("Behaviour", "66")]
    public async Task A_strict_function_that_breaks_a_rule_is_refused_with_its_place()
    {
        var error = await wire.RefusedAsync(Path, Wire.Chat(",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]"));
        error["code"]!.ToString().ShouldBe("invalid_function_parameters");
        error["param"]!.ToString().ShouldBe("tools[0].function.parameters");
        error["message"]!.ToString().ShouldBe("Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.");
    }
}
