using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Text;
using Gateway.Engine.Constraints;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>
/// Answers of a model that knows nothing: random logits through the masking and the sampler that serve. What closes is likelier from a while
/// on, so that recursive languages end too.
/// </summary>
internal sealed class RandomAnswers
{
    public const int EndToken = 0;
    private const int Patience = 40; // tokens before closing becomes likely
    private const int MostSteps = 20_000;
    private static readonly ImmutableArray<int> EndTokens = [EndToken];
    private readonly TokenTrie trie;
    private readonly float[] noise;
    private readonly float[] likely;
    private readonly float[] closing;
    private readonly float[] row;
    private readonly TokenMasking masking = new();
    private readonly Sampler sampler = new();

    public RandomAnswers(TokenTrie trie)
    {
        this.trie = trie;
        var random = new Random(11);
        row = new float[trie.Vocabulary];
        noise = [.. Enumerable.Range(0, trie.Vocabulary + 8_191).Select(_ => (float)(random.NextDouble() * 4))];
        likely = [.. Enumerable.Range(0, trie.Vocabulary).Select(token => Bias(token, ending: false))];
        closing = [.. Enumerable.Range(0, trie.Vocabulary).Select(token => Bias(token, ending: true))];
        likely[EndToken] = 4;
        closing[EndToken] = 60;
    }

    /// <summary>At temperature 1.</summary>
    public string Sample(Grammar grammar, Random random) => Answer(grammar, random, (steps, into) =>
    {
        TensorPrimitives.Add(noise.AsSpan(random.Next(8_191), into.Length), steps < Patience ? likely : closing, into);
        return 1;
    });

    /// <summary>Always the longest token that is allowed, or the shortest, or the last; where a language has no end, until it has gone on for long.</summary>
    public string Stubborn(Grammar grammar, string way, bool endless)
    {
        var random = new Random(1);
        return Answer(grammar, random, (steps, into) =>
        {
            if (endless && steps > 200)
            {
                TensorPrimitives.Add(noise.AsSpan(random.Next(8_191), into.Length), closing, into);
                return 1;
            }

            for (var token = 0; token < into.Length; token++)
                into[token] = way switch { "longest" => trie.BytesOf(token).Length, "shortest" => -trie.BytesOf(token).Length, _ => token };
            return 0;
        });
    }

    private string Answer(Grammar grammar, Random random, Func<int, float[], double> fill)
    {
        var matcher = grammar.Matcher(trie);
        var chance = new Chance(random.NextInt64());
        var bytes = new List<byte>();
        for (var step = 0; !matcher.IsComplete; step++)
        {
            step.ShouldBeLessThan(MostSteps, "the answer does not end");
            var options = new SamplingOptions { Temperature = fill(step, row) };
            masking.Apply(row, matcher, EndTokens);
            var token = sampler.Sample(row, options, null, chance);
            if (token == EndToken && matcher.IsAccepting) break;
            matcher.TryAdvance(token).ShouldBeTrue($"token {token} after {Encoding.UTF8.GetString([.. bytes])}");
            bytes.AddRange(trie.BytesOf(token));
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }

    // Quotes end strings, brackets the rest; single bytes are there for patterns that want a certain one.
    private float Bias(int token, bool ending)
    {
        var bytes = trie.BytesOf(token);
        if (bytes.Length == 0) return 0;
        if (bytes[0] == '"') return ending ? 60 : 4;
        if (bytes.Length > 1) return 0;
        return "}]".Contains((char)bytes[0], StringComparison.Ordinal) ? (ending ? 27 : 4) : ending ? 25 : 1;
    }
}
