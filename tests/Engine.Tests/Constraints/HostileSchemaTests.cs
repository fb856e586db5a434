using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Schemas;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Schemas made to exhaust the server: each is compiled or refused within steps and bytes that are the same on every machine.</summary>
public sealed class HostileSchemaTests
{
    private const long MostBytes = 1L << 30; // allocated in all, not held
    private static readonly TokenTrie Bytes = TokenTrie.Of([.. Enumerable.Range(0, 256).Select(static value => new[] { (byte)value })]);

    public static TheoryData<string, bool> Attacks { get; } = new()
    {
        { "deep", false },
        { "deep names", true },
        { "many values", true },
        { "very many values", false },
        { "many properties", false },
        { "two thousand optional properties", true },
        { "many required", false },
        { "nested quantifiers", false },
        { "exponential pattern", false },
        { "ambiguous pattern", true },
        { "many large patterns", false },
        { "pairs of alternatives", false },
        { "pairs of oneOf", false },
        { "references that double in properties", true },
        { "references that double in alternatives", true },
        { "references that double in allOf", true },
        { "a chain of references", false },
        { "a circle of references", false },
        { "mutual recursion without end", false },
        { "mutual recursion", true },
        { "wide allOf", false },
        { "least items", true },
        { "least length", true },
        { "most length", true },
        { "most length of a pattern", true },
        { "least length of a pattern", false },
        { "contradiction", false },
        { "many bounds", true },
        { "a huge bound", false },
        { "wide oneOf", true },
        { "patterns of keys", false },
        { "counted properties", false },
        { "dependent properties", false },
    };

    [Theory, MemberData(nameof(Attacks))]
    public void Work_and_memory_are_bounded(string attack, bool compiles)
    {
        using var document = JsonDocument.Parse(Schema(attack), new JsonDocumentOptions { MaxDepth = 100_000 });
        var budget = new SchemaBudget();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        GrammarException? refusal = null;
        var builder = new AutomatonBuilder();
        try
        {
            builder.Freeze(new SchemaCompiler(builder, document.RootElement, null, budget).Root()).ShouldNotBeNull();
        }
        catch (GrammarException wrong)
        {
            refusal = wrong;
        }

        (GC.GetAllocatedBytesForCurrentThread() - allocated).ShouldBeLessThan(MostBytes);
        budget.Spent.ShouldBeLessThan(SchemaBudget.Most * 2);
        builder.States.ShouldBeLessThanOrEqualTo(AutomatonBuilder.MostStates);
        (refusal is null).ShouldBe(compiles, refusal?.Message);
    }

    [Fact]
    public void Any_of_very_many_optional_properties_can_be_written()
    {
        using var document = JsonDocument.Parse(Schema("two thousand optional properties"));
        var grammar = Grammar.OfSchema(document.RootElement);
        foreach (var name in (string[])["p0", "p63", "p64", "p700", "p1999"])
        {
            var matcher = grammar.Matcher(Bytes);
            matcher.TryAdvance(Encoding.UTF8.GetBytes($"{{\"{name}\":1}}")).ShouldBeTrue(name);
            matcher.IsComplete.ShouldBeTrue();
        }
    }

    private static string Schema(string attack) => attack switch
    {
        "deep" => Repeated("""{"items":""", 10_000) + "{}" + new string('}', 10_000),
        "deep names" => Repeated("""{"properties":{"a":""", 60) + "{}" + new string('}', 120),
        "many values" => $$"""{"enum":[{{Listed(20_000, i => $"\"v{i}\"")}}]}""",
        "very many values" => $$"""{"enum":[{{Listed(100_000, i => $"\"{i * 7919L}-{i}\"")}}]}""",
        "many properties" => $$"""{"properties":{{Map(100_000, i => $"\"p{i}\":{{\"type\":\"integer\"}}")}} }""",
        "two thousand optional properties" => $$"""{"type":"object","properties":{{Map(2_000, i => $"\"p{i}\":{{\"type\":\"integer\"}}")}} ,"additionalProperties":false}""",
        "many required" => $$"""{"type":"object","required":[{{Listed(100_000, i => $"\"p{i}\"")}}]}""",
        "nested quantifiers" => """{"type":"string","pattern":"^(((a{1,900}){1,900}){1,900})$"}""",
        "exponential pattern" => """{"type":"string","pattern":"^(a|b)*a(a|b){24}$"}""",
        "ambiguous pattern" => """{"type":"string","pattern":"^(?:(?:a|a)*)*(?:a+)+$"}""",
        "many large patterns" => $$"""{"type":"object","properties":{{Map(200, i => $"\"p{i}\":" + """{"type":"string","pattern":"^(?:[a-z]{1,200}x?){1,20}N$"}""".Replace("N", $"{i}", StringComparison.Ordinal))}} }""",
        "pairs of alternatives" => $$"""{"allOf":[{{Listed(40, i => $"{{\"anyOf\":[{{\"properties\":{{\"a{i}\":{{\"type\":\"null\"}}}}}},{{\"properties\":{{\"b{i}\":{{\"type\":\"null\"}}}}}}]}}")}}]}""",
        "pairs of oneOf" => $$"""{"type":"object","allOf":[{{Listed(40, i => $"{{\"oneOf\":[{{\"properties\":{{\"a{i}\":{{\"const\":1}}}},\"required\":[\"a{i}\"]}},{{\"properties\":{{\"a{i}\":{{\"const\":2}}}},\"required\":[\"a{i}\"]}}]}}")}}]}""",
        "references that double in properties" => Doubling("""{"type":"object","properties":{"a":NEXT,"b":NEXT}}"""),
        "references that double in alternatives" => Doubling("""{"anyOf":[NEXT,{"type":"array","items":NEXT}]}"""),
        "references that double in allOf" => Doubling("""{"allOf":[NEXT,NEXT,{"maxProperties":9}]}"""),
        "a chain of references" => Definitions(10_000, static i => "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}"),
        "a circle of references" => """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}""",
        "mutual recursion without end" => """{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/b"},"minItems":1},"b":{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"]}}}""",
        "mutual recursion" => """{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/b"}},"b":{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"]}}}""",
        "wide allOf" => $$"""{"allOf":[{{Listed(3_000, i => $"{{\"properties\":{{\"p{i}\":{{}}}},\"additionalProperties\":{{\"type\":\"integer\"}}}}")}}]}""",
        "least items" => """{"type":"array","minItems":1000000000}""",
        "least length" => """{"type":"string","minLength":1000000000}""",
        "most length" => """{"type":"string","maxLength":2000000000}""",
        "most length of a pattern" => """{"type":"string","pattern":"^[^x]+$","minLength":1000000,"maxLength":2000000000}""",
        "least length of a pattern" => """{"type":"string","pattern":"^(ab)+$","minLength":1000000}""",
        "contradiction" => """{"type":"array","minItems":2,"maxItems":1}""",
        "many bounds" => $$"""{"type":"object","properties":{{Map(400, i => $"\"p{i}\":{{\"type\":\"integer\",\"minimum\":{i},\"multipleOf\":7}}")}} }""",
        "a huge bound" => """{"type":"integer","minimum":1e999999999}""",
        "wide oneOf" => $$"""{"oneOf":[{{Listed(5_000, i => $"{{\"const\":{i}}}")}}]}""",
        "patterns of keys" => $$"""{"type":"object","patternProperties":{{Map(100, i => $"\"k{i}.*{i}\":{{}}")}} }""",
        "counted properties" => $$"""{"type":"object","properties":{{Map(1_000, i => $"\"p{i}\":{{}}")}} ,"minProperties":500}""",
        "dependent properties" => $$"""{"type":"object","dependentRequired":{{Map(40, i => $"\"p{i}\":[\"q{i}\"]")}} }""",
        _ => throw new ArgumentException(attack),
    };

    private static string Doubling(string level) =>
        Definitions(40, i => level.Replace("NEXT", "{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}", StringComparison.Ordinal));

    private static string Definitions(int count, Func<int, string> item) =>
        """{"$ref":"#/$defs/d0","$defs":""" + Map(count + 1, i => $"\"d{i}\":{(i < count ? item(i) : """{"type":"object","maxProperties":3}""")}") + "}";

    private static string Repeated(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private static string Map(int count, Func<int, string> entry) => "{" + Listed(count, entry) + "}";

    private static string Listed(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));
}
