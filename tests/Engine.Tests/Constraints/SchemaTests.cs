using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Engine.Constraints;
using Gateway.Engine.Models;
using NJsonSchema;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>What random models say under schemas, judged by an independent validator.</summary>
public sealed partial class SchemaTests
{
    private const int Samples = 200;
    private static readonly Lazy<TokenTrie> Vocabulary = new(() =>
    {
        using var folder = ModelFolder.Open(Path.Combine(Shared.Root, "backends", "Models", "tiny-chat"));
        return TokenTrie.Of(folder.Tokenizer, folder.Tokenizer.Count);
    });

    public static TheoryData<string> Enforced => [.. Schemas.All];

    public static TheoryData<string> Judged => [.. JudgedSchemas.All.Keys];

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
        var judged = 0;
        Sample(schema, text =>
        {
            if (!CanJudge(text)) return;
            judge.Validate(text).ShouldBeEmpty(text);
            judged++;
        });
        judged.ShouldBeGreaterThan(Samples / 10);
    }

    [Theory, MemberData(nameof(Judged))]
    public void Whatever_is_sampled_is_what_newer_keywords_mean(string schema) => Sample(schema, text =>
    {
        using var value = JsonDocument.Parse(text);
        JudgedSchemas.All[schema](value.RootElement).ShouldBeTrue(text);
    });

    [Theory]
    [InlineData("longest")]
    [InlineData("shortest")]
    [InlineData("last")]
    public async Task A_stubborn_model_is_held_to_the_schema_too(string way)
    {
        var answers = new RandomAnswers(Vocabulary.Value);
        foreach (var schema in Schemas.All)
        {
            var judge = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
            var text = answers.Stubborn(Compile(schema), way, endless: true);
            if (CanJudge(text)) judge.Validate(text).ShouldBeEmpty($"{schema}: {text}");
        }

        foreach (var (schema, means) in JudgedSchemas.All)
        {
            using var value = JsonDocument.Parse(answers.Stubborn(Compile(schema), way, endless: true), new JsonDocumentOptions { MaxDepth = 8_000 });
            means(value.RootElement).ShouldBeTrue(schema);
        }
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
            for (var step = 0; step < 15 && !matcher.IsComplete; step++)
            {
                matcher.FillMask(mask);
                for (var token = 0; token < Vocabulary.Value.Vocabulary; token++)
                    matcher.Clone().TryAdvance(token).ShouldBe((mask[token >> 6] >> token & 1) != 0, $"{schema} step {step} token {token}");
                matcher.TryAdvance(Pick(mask, random)).ShouldBeTrue();
            }
        }
    }

    /// <summary>One value in one spelling satisfies them.</summary>
    private static readonly HashSet<string> Single =
    [
        """{"type":"null"}""", """{"const":{"a":[1,2]}}""", """{"const":{"a":[1,{"b":null}],"c":"é\n"}}""",
    ];

    private static Grammar Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return Grammar.OfSchema(document.RootElement);
    }

    [Theory]
    [InlineData("""{"enum":["a","ab",[1,{"x":null}],7]}""")]
    [InlineData("""{"type":"boolean"}""")]
    [InlineData("""{"type":"integer","minimum":-1000,"maximum":100000}""")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""")]
    [InlineData("""{"type":"string","maxLength":40}""")]
    [InlineData("""{"type":"string","pattern":"^[a-z]*(?:-[0-9]+)?$","maxLength":30}""")]
    [InlineData("""{"type":"string","format":"uri"}""")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"maxItems":7}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{"enum":[1,2]},"maxItems":3},"b":{"format":"date-time","type":"string"},"c":{"type":"string","maxLength":9}},"required":["b"],"additionalProperties":false}""")]
    [InlineData("""{"type":"object","propertyNames":{"enum":["p","q"]},"additionalProperties":{"type":["null","boolean"]}}""")]
    [InlineData("""{"type":"integer"}""")]
    [InlineData("""{"type":"number"}""")]
    public void A_language_with_an_end_ends_however_the_model_holds_out(string schema)
    {
        var answers = new RandomAnswers(Vocabulary.Value);
        foreach (var way in (string[])["longest", "shortest", "last"]) JsonDocument.Parse(answers.Stubborn(Compile(schema), way, endless: false)).Dispose();
    }

    // The library counts UTF-16 units where JSON Schema counts code points, has no numbers beyond 64 bits and reads no deeper than 64 levels.
    private static bool CanJudge(string text) => !text.Any(char.IsSurrogate) && text.Count(static c => c is '[' or '{') < 60 && !LongNumber().IsMatch(text);

    [GeneratedRegex("[0-9.]{18}")]
    private static partial Regex LongNumber();

    private static void Sample(string schema, Action<string> judge)
    {
        var grammar = Compile(schema);
        var random = new Random(17);
        var answers = new RandomAnswers(Vocabulary.Value);
        var texts = new HashSet<string>();
        for (var sample = 0; sample < Samples; sample++)
        {
            var text = answers.Sample(grammar, random);
            using var parsed = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 512 });
            judge(text);
            texts.Add(text);
        }

        if (!Single.Contains(schema)) texts.Count.ShouldBeGreaterThan(1);
    }

    private static int Pick(ulong[] mask, Random random)
    {
        var allowed = mask.SelectMany((word, at) => Enumerable.Range(0, 64).Where(bit => (word >> bit & 1) != 0).Select(bit => (at << 6) + bit)).ToList();
        allowed.ShouldNotBeEmpty("a mask without tokens");
        return allowed[random.Next(allowed.Count)];
    }
}
