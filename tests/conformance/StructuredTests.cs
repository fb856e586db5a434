using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Structured outputs: behaviours 67 to 72.</summary>
/// <param name="gateway">Asked.</param>
/// <param name="model">Which samples.</param>
/// <param name="batches">How often…</param>
/// <param name="each">…and how many samples of a schema.</param>
public abstract class StructuredSuite(RunningGateway gateway, string model, int batches, int each) : IDisposable
{
    private const string Path = "v1/chat/completions";
    private const string Schema = """{"type":"object","properties":{"when":{"type":"string","format":"date-time"},"id":{"type":"string","format":"uuid"},"mail":{"type":"string","format":"email"},"code":{"type":"string","pattern":"^[A-Z]{2}[0-9]{3}$"},"many":{"type":"integer","minimum":3,"maximum":7},"list":{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":3}},"required":["when","id","mail","code","many","list"],"additionalProperties":false}""";
    private readonly Wire wire = new(gateway.Address, model);

    public void Dispose()
    {
        wire.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact, Trait("Behaviour", "67"), Trait("Behaviour", "72")]
    public async Task A_strict_schema_binds_every_sample_in_its_own_order()
    {
        var expected = JsonNode.Parse(Schema)!["properties"]!.AsObject().Select(entry => entry.Key).ToList();
        for (var batch = 0; batch < batches; batch++)
        {
            var answer = await wire.AnswerAsync(Path, Wire.Chat($$$"""
                ,"temperature":1,"n":{{{each}}},"seed":{{{batch * 100}}},"max_tokens":400,"response_format":{"type":"json_schema","json_schema":{"name":"all","strict":true,"schema":{{{Schema}}}}}
                """).Replace("\"temperature\":0", "\"top_p\":1", StringComparison.Ordinal));
            foreach (var choice in answer["choices"]!.AsArray())
            {
                choice!["finish_reason"]!.ToString().ShouldBe("stop");
                using var document = JsonDocument.Parse(choice["message"]!["content"]!.ToString());
                var made = document.RootElement;
                made.EnumerateObject().Select(property => property.Name).ShouldBe(expected);
                made.GetProperty("when").TryGetDateTimeOffset(out _).ShouldBeTrue(made.GetRawText());
                made.GetProperty("id").TryGetGuid(out _).ShouldBeTrue();
                System.Net.Mail.MailAddress.TryCreate(made.GetProperty("mail").GetString(), out _).ShouldBeTrue(made.GetRawText());
                made.GetProperty("code").GetString()!.ShouldMatch("^[A-Z]{2}[0-9]{3}$");
                made.GetProperty("many").GetInt32().ShouldBeInRange(3, 7);
                made.GetProperty("list").EnumerateArray().Count(item => item.ValueKind is JsonValueKind.True or JsonValueKind.False).ShouldBeInRange(2, 3);
            }
        }
    }

    [Fact, Trait("Behaviour", "71")]
    public async Task Json_object_is_an_object_and_a_truncated_one_says_length()
    {
        var cut = await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":2,\"response_format\":{\"type\":\"json_object\"}"));
        Wire.Text(cut).ShouldStartWith("{");
        cut["choices"]![0]!["finish_reason"]!.ToString().ShouldBe(Wire.Text(cut).EndsWith('}') ? "stop" : "length");
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"max_tokens\":60,\"response_format\":{\"type\":\"json_object\"}"));
        if (chunks.Any(chunk => (string?)chunk["choices"]![0]!["finish_reason"] == "stop")) JsonNode.Parse(Wire.Text(chunks)).ShouldBeOfType<JsonObject>();
        else Wire.Text(chunks).ShouldStartWith("{");
    }

    [Theory, Trait("Behaviour", "67")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", "In context=(), 'additionalProperties' is required")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}""", "Missing 'a'")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "type 'object'")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{},"minItems":2,"maxItems":1}},"required":["a"],"additionalProperties":false}""", "('properties', 'a')")]
    public async Task A_schema_that_breaks_a_strict_rule_is_refused_with_its_place(string schema, string words)
    {
        var error = await wire.RefusedAsync(Path, Wire.Chat($$$""","response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{{{schema}}}}}"""));
        error["param"]!.ToString().ShouldBe("response_format");
        error["message"]!.ToString().ShouldContain(words);
    }
}

/// <summary>With the embedded model.</summary>
public sealed class StructuredTests(RunningGateway gateway) : StructuredSuite(gateway, Wire.Tiny, 10, 20);

/// <summary>With SmolLM2.</summary>
public sealed class SmolStructuredTests(RunningGateway gateway) : StructuredSuite(gateway, Wire.Smol, 1, 4);
