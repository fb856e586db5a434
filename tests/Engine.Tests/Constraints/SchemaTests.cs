using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints;
using Gateway.Engine.Models;
using NJsonSchema;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Random walks through masks, judged by an independent validator.</summary>
public sealed class SchemaTests
{
    private const int Walks = 200;
    private static readonly Lazy<TokenTrie> Vocabulary = new(() =>
    {
        using var folder = ModelFolder.Open(Path.Combine(Shared.Root, "backends", "Models", "tiny-chat"));
        return TokenTrie.Of(folder.Tokenizer, folder.Tokenizer.Count);
    });

    public static TheoryData<string> Enforced => [.. Schemas.All];

    public static TheoryData<string, string> Refused
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (schema, word) in Schemas.Refused) data.Add(schema, word);
            return data;
        }
    }

    [Theory, MemberData(nameof(Enforced))]
    public async Task Whatever_is_sampled_satisfies_the_schema(string schema)
    {
        var judge = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
        var grammar = Compile(schema);
        var random = new Random(17);
        var texts = new HashSet<string>();
        for (var walk = 0; walk < Walks; walk++)
        {
            var text = Walk(grammar, random);
            using var parsed = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 512 });
            // The judge counts UTF-16 units where JSON Schema counts code points; lengths beyond the basic plane are held by texts below.
            if (!text.Any(char.IsSurrogate)) judge.Validate(text).ShouldBeEmpty(text);
            texts.Add(text);
        }

        if (!schema.Contains("const", StringComparison.Ordinal) && !schema.Contains("\"null\"}", StringComparison.Ordinal)) texts.Count.ShouldBeGreaterThan(1);
    }

    [Theory, MemberData(nameof(Refused))]
    public void What_cannot_be_enforced_or_satisfied_is_refused_with_its_reason(string schema, string word)
    {
        var watch = Stopwatch.StartNew();
        Should.Throw<GrammarException>(() => Compile(schema)).Message.ShouldContain(word);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("""{"type":"integer","minimum":9007199254740993,"maximum":9007199254740995}""", "9007199254740994", true)]
    [InlineData("""{"type":"integer","minimum":9007199254740993,"maximum":9007199254740995}""", "9007199254740992", false)]
    [InlineData("""{"type":"integer","maximum":10}""", "11", false)]
    [InlineData("""{"type":"integer"}""", "01", false)]
    [InlineData("""{"type":"integer"}""", "-0", true)]
    [InlineData("""{"type":"number"}""", "1.5e307", true)]
    [InlineData("""{"type":"number"}""", "1e308", false)]
    [InlineData("""{"type":"string","maxLength":1}""", "\"😀\"", true)]
    [InlineData("""{"type":"string"}""", "\"\\ud800\"", false)]
    [InlineData("""{"type":"string"}""", "\"a\nb\"", false)]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "\"a\\n\"", false)]
    [InlineData("""{"type":"object"}""", "{\"a\": 1, \"a\": 2}", false)]
    [InlineData("""{"type":"object"}""", "{\"a\": 1, \"b\": {\"a\": 2}}", true)]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", "{\"b\": 1, \"a\": 2}", false)]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", "{\"a\": 1, \"aa\": 2, \"\": 3}", true)]
    [InlineData("""{"type":"array","items":{"type":"null"},"minItems":2}""", "[null]", false)]
    [InlineData("""{"type":"array","prefixItems":[{"type":"null"},{"type":"boolean"}],"items":false,"minItems":1}""", "[null,true]", true)]
    [InlineData("""{"type":"array","prefixItems":[{"type":"null"}],"items":false}""", "[null,true]", false)]
    public void A_text_is_taken_or_not(string schema, string text, bool taken)
    {
        var matcher = Compile(schema).Matcher(Vocabulary.Value);
        (matcher.TryAdvance(Encoding.UTF8.GetBytes(text)) && matcher.IsAccepting).ShouldBe(taken);
    }

    [Fact]
    public void A_mask_holds_exactly_the_tokens_that_can_be_read()
    {
        var random = new Random(5);
        foreach (var schema in Schemas.All)
        {
            var matcher = Compile(schema).Matcher(Vocabulary.Value);
            var mask = new ulong[Vocabulary.Value.MaskWords];
            for (var step = 0; step < 25 && !matcher.IsComplete; step++)
            {
                matcher.FillMask(mask);
                for (var token = 0; token < Vocabulary.Value.Vocabulary; token++)
                    matcher.Clone().TryAdvance(token).ShouldBe((mask[token >> 6] >> token & 1) != 0, $"{schema} step {step} token {token}");
                matcher.TryAdvance(Pick(mask, random, closing: false)).ShouldBeTrue();
            }
        }
    }

    private static Grammar Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return Grammar.OfSchema(document.RootElement);
    }

    private static string Walk(Grammar grammar, Random random)
    {
        var trie = Vocabulary.Value;
        var matcher = grammar.Matcher(trie);
        var mask = new ulong[trie.MaskWords];
        var bytes = new List<byte>();
        for (var step = 0; !matcher.IsComplete; step++)
        {
            step.ShouldBeLessThan(4_000, "the walk does not end");
            if (matcher.IsAccepting && (step > 40 || random.Next(4) == 0)) break;
            matcher.FillMask(mask);
            var token = Pick(mask, random, closing: step > 40);
            matcher.TryAdvance(token).ShouldBeTrue();
            bytes.AddRange(trie.BytesOf(token));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    // After a while what closes comes first, so that recursive schemas end too.
    private static int Pick(ulong[] mask, Random random, bool closing)
    {
        var allowed = mask.SelectMany((word, at) => Enumerable.Range(0, 64).Where(bit => (word >> bit & 1) != 0).Select(bit => (at << 6) + bit)).ToList();
        allowed.ShouldNotBeEmpty("a mask without tokens");
        if (!closing) return allowed[random.Next(allowed.Count)];
        var closers = allowed.Where(token => Vocabulary.Value.BytesOf(token) is [var only] && "\"]}nb0"u8.Contains(only)).ToList();
        var quote = closers.FindIndex(token => Vocabulary.Value.BytesOf(token)[0] == '"');
        if (quote >= 0) return closers[quote];
        if (closers.Count > 0) return closers[random.Next(closers.Count)];
        return allowed[random.Next(allowed.Count)];
    }
}
