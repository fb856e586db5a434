namespace Gateway.Engine.Text;

/// <summary>
/// Text as it becomes certain while tokens arrive: half a character, or a word whose first space depends on what follows, is held back.
/// The concatenation of everything given out equals decoding all tokens at once. One owner.
/// </summary>
/// <remarks>
/// The rule is vLLM's incremental detokenization: decode a window twice, with and without the new token, and give out the difference
/// unless it ends in the middle of a character. Five tokens of the prompt go before, so that SentencePiece's first space is not lost.
/// </remarks>
public sealed class TextStream
{
    private const int PromptWindow = 5;

    // A character has four bytes at most: who waits so long gets U+FFFD, and a model that writes nothing else costs no quadratic time.
    private const int MostPending = 256;

    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecialTokens;
    private readonly List<int> ids;
    private int prefix;
    private int read;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="prompt">The prompt's ids; only the last few matter.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out of the text.</param>
    public TextStream(Tokenizer tokenizer, ReadOnlySpan<int> prompt, bool skipSpecialTokens = true)
    {
        (this.tokenizer, this.skipSpecialTokens) = (tokenizer, skipSpecialTokens);
        ids = [.. prompt[Math.Max(0, prompt.Length - PromptWindow)..]];
        read = ids.Count;
    }

    /// <summary>Takes the next token and returns the text that became certain, often empty.</summary>
    public string Append(int id)
    {
        ids.Add(id);
        var (before, now) = Decode();
        var added = Beyond(before, now);
        if ((added.Length == 0 || now.EndsWith('\uFFFD')) && ids.Count - read < MostPending) return "";
        prefix = read;
        read = ids.Count;
        Forget();
        return added;
    }

    /// <summary>At the end: what was held back, complete or not.</summary>
    public string Flush()
    {
        var (before, now) = Decode();
        prefix = read = ids.Count;
        return Beyond(before, now);
    }

    /// <summary>What is left of a text after as many characters (not UTF-16 units) as another one has.</summary>
    private static string Beyond(string before, string now)
    {
        var at = 0;
        foreach (var _ in before.EnumerateRunes())
        {
            if (at >= now.Length) return "";
            at += char.IsHighSurrogate(now[at]) ? 2 : 1;
        }

        return now[at..];
    }

    private (string Before, string Now) Decode()
    {
        var window = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids)[prefix..];
        return (tokenizer.Decode(window[..(read - prefix)], skipSpecialTokens), tokenizer.Decode(window, skipSpecialTokens));
    }

    /// <summary>What lies before the window is never looked at again.</summary>
    private void Forget()
    {
        if (prefix < 256) return;
        ids.RemoveRange(0, prefix);
        (read, prefix) = (read - prefix, 0);
    }
}
