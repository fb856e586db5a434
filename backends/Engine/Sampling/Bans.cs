using System.Collections.Immutable;

namespace Gateway.Engine.Sampling;

/// <summary>Tokens that may not come next: because of what came before, or because the request's bias forbids them.</summary>
internal static class Bans
{
    /// <param name="logits">One row; banned tokens become minus infinity.</param>
    /// <param name="options">What is banned.</param>
    /// <param name="history">Prompt and answer so far.</param>
    /// <param name="generated">How many of them are the answer.</param>
    /// <param name="ends">The sequence's end tokens.</param>
    public static void Apply(Span<float> logits, SamplingOptions options, ReadOnlySpan<int> history, int generated, ImmutableArray<int> ends)
    {
        if (generated < options.MinTokens)
        {
            foreach (var end in ends) Ban(logits, end);
        }

        // Before anybody looks whether a token is left: the last one that a grammar allows may be one of these.
        foreach (var (token, bias) in options.LogitBias)
            if (bias <= -100) Ban(logits, token);
        if (options.NoRepeatNgramSize > 0) Repeats(logits, options.NoRepeatNgramSize, history);
        foreach (var word in options.BadWords)
        {
            var before = word.AsSpan(0, word.Length - 1);
            if (history.EndsWith(before)) Ban(logits, word[^1]);
        }
    }

    private static void Repeats(Span<float> logits, int size, ReadOnlySpan<int> history)
    {
        if (history.Length < size) return;
        var tail = history[^(size - 1)..];
        // Each place where the tail occurred before bans what followed it there.
        for (var at = 0; at + size <= history.Length; at++)
        {
            if (tail.Length > 0)
            {
                var next = history[at..^1].IndexOf(tail);
                if (next < 0) return;
                at += next;
                if (at + size > history.Length) return;
            }

            Ban(logits, history[at + size - 1]);
        }
    }

    private static void Ban(Span<float> logits, int token)
    {
        if (token < logits.Length) logits[token] = float.NegativeInfinity;
    }
}
