using System.Collections.Immutable;
using System.Numerics;

namespace Gateway.Engine.Constraints;

/// <summary>Takes the tokens that a grammar does not allow out of a row of logits. One owner thread, for its scratch memory.</summary>
internal sealed class TokenMasking
{
    private ulong[] mask = [];

    public void Apply(Span<float> row, GrammarMatcher matcher, ImmutableArray<int> endTokens)
    {
        var words = (row.Length + 63) / 64;
        if (mask.Length < words) mask = new ulong[words];
        mask.AsSpan().Clear();
        matcher.FillMask(mask);
        foreach (var end in endTokens)
        {
            if (matcher.IsAccepting) mask[end >> 6] |= 1UL << end;
            else mask[end >> 6] &= ~(1UL << end);
        }

        for (var word = 0; word < words; word++)
        {
            var first = word << 6;
            var count = Math.Min(64, row.Length - first);
            var allowed = mask[word];
            if (allowed == ulong.MaxValue) continue;
            if (allowed == 0)
            {
                row.Slice(first, count).Fill(float.NegativeInfinity);
                continue;
            }

            for (var banned = count == 64 ? ~allowed : ~allowed & ((1UL << count) - 1); banned != 0; banned &= banned - 1)
                row[first + BitOperations.TrailingZeroCount(banned)] = float.NegativeInfinity;
        }
    }
}
