using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Schemas that bind by what can be enforced, and name the rest.</summary>
public sealed class LenientTests
{
    private static readonly TokenTrie Bytes = TokenTrie.Of([.. Enumerable.Range(0, 256).Select(static value => new[] { (byte)value })]);

    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true,"maxItems":2}""", "#/uniqueItems", "[1,1]", "[1,1,1]")]
    [InlineData("""{"type":"object","properties":{"a":{"not":{"const":""},"type":"string"}},"required":["a"]}""", "#/properties/a/not", "{\"a\":\"\"}", "{\"a\":1}")]
    [InlineData("""{"type":"object","properties":{"a, ä/":{"type":"string","format":"color"}}}""", "#/properties/a%2C%20%C3%A4~1/format", "{\"a, ä/\":\"red\"}", "{\"a, ä/\":1}")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"string","maxLength":3}]}""", "#/oneOf", "\"abcd\"", "1")]
    [InlineData("""{"type":"string","pattern":"(?=a)","maxLength":2}""", "#/pattern", "\"ab\"", "\"abc\"")]
    [InlineData("""{"type":"object","unevaluatedProperties":false}""", "#/unevaluatedProperties", "{}", "[]")]
    public void The_rest_binds_and_what_does_not_is_named(string schema, string named, string taken, string refused)
    {
        var unenforced = new List<string>();
        var grammar = Compile(schema, unenforced);
        unenforced.ShouldBe([named]);
        Takes(grammar, taken).ShouldBeTrue();
        Takes(grammar, refused).ShouldBeFalse();
        Should.Throw<GrammarException>(() => Compile(schema, null));
    }

    [Theory]
    [InlineData("""{"type":"array","minItems":3,"maxItems":2,"uniqueItems":true}""")]
    [InlineData("""{"type":"strin"}""")]
    [InlineData("""{"enum":[]}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"https://example.com/a"}""")]
    [InlineData("false")]
    public void What_is_malformed_or_cannot_be_satisfied_is_refused_all_the_same(string schema) =>
        Should.Throw<GrammarException>(() => Compile(schema, []));

    [Fact]
    public void A_schema_that_is_enforced_whole_names_nothing()
    {
        var unenforced = new List<string>();
        foreach (var schema in Schemas.All) Compile(schema, unenforced);
        unenforced.ShouldBeEmpty();
    }

    private static Grammar Compile(string schema, ICollection<string>? unenforced)
    {
        using var document = JsonDocument.Parse(schema);
        return Grammar.OfSchema(document.RootElement, unenforced);
    }

    private static bool Takes(Grammar grammar, string text)
    {
        var matcher = grammar.Matcher(Bytes);
        return matcher.TryAdvance(Encoding.UTF8.GetBytes(text)) && matcher.IsAccepting;
    }
}
