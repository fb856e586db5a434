using Gateway.Engine.Text;

namespace Gateway.Engine.Encoders;

/// <summary>
/// Texts to what an encoder reads: the prompt before, the tokenizer's frame around, cut to a length so that the frame stays whole.
/// Thread-safe.
/// </summary>
public sealed class TextFraming(Tokenizer tokenizer, EncoderFolder folder)
{
    private readonly TokenFrame frame = tokenizer.Frame;
    private readonly PairFrame? pair = tokenizer.PairFrame;

    /// <summary>Whether pairs can be framed.</summary>
    public bool KnowsPairs => pair is not null;

    /// <summary>One text.</summary>
    /// <param name="text">Any text, empty included.</param>
    /// <param name="prompt">A text before it; its tokens count.</param>
    /// <param name="maxTokens">Most tokens, frame included; at least the frame is given.</param>
    public FramedText Text(string text, string prompt, int maxTokens)
    {
        var ids = Encode(prompt + text);
        var promptTokens = prompt.Length > 0 && !folder.PoolsPrompt ? frame.Before.Length + Encode(prompt).Length : 0;
        return Framed(ids, maxTokens, promptTokens);
    }

    /// <summary>Token ids, with the frame or without it: what a tokenizer gave with its special tokens stays as it is.</summary>
    public FramedText Tokens(ReadOnlySpan<int> ids, int maxTokens)
    {
        var framed = ids.Length >= frame.Length && ids.StartsWith(frame.Before) && ids.EndsWith(frame.After);
        return Framed(framed ? ids[frame.Before.Length..^frame.After.Length] : ids, maxTokens, 0);
    }

    /// <summary>A pair joined by the tokenizer's frame for pairs; of two texts too long together the longer is cut first.</summary>
    /// <param name="first">Any text.</param>
    /// <param name="second">Any text.</param>
    /// <param name="maxTokens">Most tokens of the whole, frame included.</param>
    /// <param name="maxSecond">Most tokens of the second text.</param>
    public FramedText Pair(string first, string second, int maxTokens, int maxSecond = int.MaxValue)
    {
        if (pair is null) throw new InvalidOperationException("This tokenizer frames no pairs.");
        var (a, b) = pair.Swapped ? (Encode(second), Encode(first)) : (Encode(first), Encode(second));
        var full = a.Length + b.Length + pair.Length;
        var taken = Math.Min(b.Length, maxSecond);
        var (keptA, keptB) = a.Length + taken + pair.Length <= maxTokens ? (a.Length, taken) : LongestFirst(a.Length, taken, Math.Max(0, maxTokens - pair.Length));
        var tokens = new List<int>(Math.Min(full, maxTokens));
        var types = new List<int>(tokens.Capacity);
        Add(pair.Before, pair.BeforeTypes);
        Add(a.AsSpan(0, keptA), pair.FirstType);
        Add(pair.Between, pair.BetweenTypes);
        Add(b.AsSpan(0, keptB), pair.SecondType);
        Add(pair.After, pair.AfterTypes);
        return new FramedText(new EncoderInput(tokens.ToArray(), types.TrueForAll(type => type == 0) ? default : types.ToArray()), full);

        void Add(ReadOnlySpan<int> ids, params ReadOnlySpan<int> typesOf)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                tokens.Add(ids[i]);
                types.Add(typesOf.Length == 1 ? typesOf[0] : typesOf[i]);
            }
        }
    }

    private int[] Encode(string text) => tokenizer.Encode(folder.Lowercase ? text.ToLowerInvariant() : text, addSpecialTokens: false);

    private FramedText Framed(ReadOnlySpan<int> ids, int maxTokens, int promptTokens)
    {
        var kept = ids[..Math.Clamp(maxTokens - frame.Length, 0, ids.Length)];
        return new FramedText(new EncoderInput((int[])[.. frame.Before, .. kept, .. frame.After], PromptTokens: promptTokens), ids.Length + frame.Length);
    }

    /// <summary>What <c>truncation="longest_first"</c> of Hugging Face's tokenizers leaves of two texts.</summary>
    internal static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        var (shorter, longer) = first <= second ? (first, second) : (second, first);
        longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room) (shorter, longer) = (room / 2, (room / 2) + (room % 2));
        return first <= second ? (shorter, longer) : (longer, shorter);
    }
}
