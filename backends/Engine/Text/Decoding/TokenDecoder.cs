using System.Text;
using System.Text.RegularExpressions;

namespace Gateway.Engine.Text.Decoding;

/// <summary>Rewrites the texts of tokens on the way back to text; the results are joined without anything between. Thread-safe.</summary>
internal abstract record TokenDecoder
{
    public abstract List<string> Apply(List<string> tokens);
}

internal sealed record DecoderSequence(IReadOnlyList<TokenDecoder> Parts) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => Parts.Aggregate(tokens, (current, part) => part.Apply(current));
}

internal sealed record ByteLevelDecoder : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteLevel.Decode)])];
}

internal sealed record ReplaceDecoder(string Pattern, string With) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) =>
        Pattern.Length == 0 ? tokens : tokens.ConvertAll(token => token.Replace(Pattern, With, StringComparison.Ordinal));
}

internal sealed record ReplacePatternDecoder(Regex Pattern, string With) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => tokens.ConvertAll(token => Pattern.Replace(token, _ => With));
}

internal sealed record FuseDecoder : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Tokens <c>&lt;0xNN&gt;</c> become bytes; a run of bytes that is not UTF-8 becomes one U+FFFD a byte.</summary>
internal sealed record ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public override List<string> Apply(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (TryByte(token, out var value))
            {
                run.Add(value);
                continue;
            }

            Flush();
            decoded.Add(token);
        }

        Flush();
        return decoded;

        void Flush()
        {
            if (run.Count == 0) return;
            try
            {
                decoded.Add(Strict.GetString([.. run]));
            }
            catch (DecoderFallbackException)
            {
                decoded.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
            }

            run.Clear();
        }
    }

    public static bool TryByte(string token, out byte value)
    {
        value = 0;
        return token is ['<', '0', 'x', _, _, '>'] && byte.TryParse(token.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out value);
    }
}

/// <summary>Takes up to so many of one character from the ends of each token.</summary>
internal sealed record StripDecoder(string Content, int Start, int Stop) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => tokens.ConvertAll(token =>
    {
        for (var i = 0; i < Start && Content.Length > 0 && token.StartsWith(Content, StringComparison.Ordinal); i++) token = token[Content.Length..];
        for (var i = 0; i < Stop && Content.Length > 0 && token.EndsWith(Content, StringComparison.Ordinal); i++) token = token[..^Content.Length];
        return token;
    });
}

internal sealed record MetaspaceDecoder(string Replacement, bool Prepended) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens)
    {
        var decoded = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (i == 0 && Prepended) token = token.Replace(Replacement, "", StringComparison.Ordinal); // all of them, as in the reference
            decoded.Add(token.Replace(Replacement, " ", StringComparison.Ordinal));
        }

        return decoded;
    }
}

/// <summary>Words that end in a suffix, as in the first BPE models.</summary>
internal sealed record BpeDecoder(string Suffix) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) =>
        [.. tokens.Select((token, i) => Suffix.Length == 0 ? token : token.Replace(Suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Words of BERT's pieces, with spaces between, and English put right where <paramref name="CleanUp"/> is set.</summary>
internal sealed record WordPieceDecoder(string Prefix, bool CleanUp) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens) => [.. tokens.Select((token, i) =>
    {
        if (i > 0) token = token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : " " + token;
        return CleanUp ? Clean(token) : token;
    })];

    /// <summary>Takes out the spaces that stand before punctuation and within contractions.</summary>
    public static string Clean(string text) => new StringBuilder(text).Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",")
        .Replace(" ' ", "'").Replace(" n't", "n't").Replace(" 'm", "'m").Replace(" do not", " don't").Replace(" 's", "'s").Replace(" 've", "'ve")
        .Replace(" 're", "'re").ToString();
}

/// <summary>The output of a speech model: repetitions are one token, the padding token is nothing.</summary>
internal sealed record CtcDecoder(string Pad, string WordDelimiter, bool CleanUp) : TokenDecoder
{
    public override List<string> Apply(List<string> tokens)
    {
        var decoded = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1]) continue;
            var text = Pad.Length == 0 ? tokens[i] : tokens[i].Replace(Pad, "", StringComparison.Ordinal);
            if (CleanUp && WordDelimiter.Length > 0) text = WordPieceDecoder.Clean(text).Replace(WordDelimiter, " ", StringComparison.Ordinal);
            if (text.Length > 0) decoded.Add(text);
        }

        return decoded;
    }
}
