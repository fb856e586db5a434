using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Engine.Models;
using Gateway.Engine.Text.Decoding;
using Gateway.Engine.Text.Normalizing;
using Gateway.Engine.Text.Splitting;
using Gateway.Engine.Text.Vocabulary;

namespace Gateway.Engine.Text;

/// <summary>
/// Text to token ids and back, as Hugging Face's <c>tokenizers</c> does it: added tokens are cut out, the rest is normalized, split,
/// encoded by the vocabulary and framed by the post-processor. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>
    /// A lone surrogate, which no text holds, that disarms: an added token with a guard inside its text is not matched, and guards are
    /// dropped before the vocabulary sees the text. Callers put it into control tokens that a user wrote.
    /// </summary>
    public const char Guard = '\uDFFF';

    internal const int MaxId = 16_777_215; // far above every vocabulary known; a bound for hostile files

    private readonly Normalizer? normalizer;
    private readonly PreTokenizer? preTokenizer;
    private readonly TokenModel model;
    private readonly TokenDecoder? decoder;
    private readonly (int[] Before, int[] After) frame;
    private readonly AddedTokens raw;
    private readonly AddedTokens normalized;
    private readonly Dictionary<string, AddedToken> added = [];
    private readonly string?[] texts;
    private readonly HashSet<int> special = [];

    private readonly string file;

    private Tokenizer(JsonElement root, string file)
    {
        this.file = file;
        var reader = new TokenizerReader(file);
        normalizer = reader.Normalizer(Property(root, "normalizer"));
        preTokenizer = reader.PreTokenizer(Property(root, "pre_tokenizer"));
        decoder = reader.Decoder(Property(root, "decoder"));
        frame = reader.PostProcessor(Property(root, "post_processor"));
        PairFrame = reader.PairFrame(Property(root, "post_processor"));
        Limits = reader.Limits(Property(root, "truncation"), Property(root, "padding"));
        model = reader.Model(root.GetProperty("model"));
        foreach (var entry in Property(root, "added_tokens") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default)
        {
            var token = reader.AddedToken(entry);
            added[token.Content] = token;
            if (token.Special) special.Add(token.Id);
        }

        raw = new AddedTokens(added.Values.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        normalized = new AddedTokens(added.Values.Where(token => token.Normalized).Select(token => (normalizer?.Apply(token.Content) ?? token.Content, token)));
        Count = Math.Max(model.Vocabulary.Values.DefaultIfEmpty(-1).Max(), added.Values.Select(token => token.Id).DefaultIfEmpty(-1).Max()) + 1;
        if (frame.Before.Concat(frame.After).Any(id => id < 0 || id >= Count)) throw new ModelFolderException(file, "the post-processor adds an id that no token has");
        texts = new string?[Count];
        foreach (var (text, id) in model.Vocabulary) texts[id] = text;
        foreach (var token in added.Values)
        {
            if (texts[token.Id] is { } other && other != token.Content)
                throw new ModelFolderException(file, $"the id {token.Id} belongs to both '{other}' and '{token.Content}'");
            texts[token.Id] = token.Content;
        }
    }

    /// <summary>One more than the highest id; ids below it may be unused.</summary>
    public int Count { get; }

    /// <summary>What <see cref="Encode"/> puts around a text.</summary>
    public TokenFrame Frame => new(frame.Before, frame.After);

    /// <summary>What stands around two texts that are read together; null for a tokenizer that does not put one after the other.</summary>
    public PairFrame? PairFrame { get; }

    /// <summary>
    /// The length that the file wants texts cut and filled up to. <see cref="Encode"/> does not follow it, since a server that cut prompts
    /// would answer another question than it was asked; a caller who wants what the library does by default applies it.
    /// </summary>
    public TokenLimits? Limits { get; }

    /// <summary>Texts of the special tokens.</summary>
    public IReadOnlyList<string> SpecialTokens => [.. added.Values.Where(token => token.Special).Select(token => token.Content)];

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <param name="tokenizerJson">Its UTF-8 bytes.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ModelFolderException">It is of the wrong shape, or names a component that is not supported.</exception>
    public static Tokenizer FromJson(ReadOnlyMemory<byte> tokenizerJson, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(tokenizerJson, new JsonDocumentOptions { MaxDepth = 64 });
            return new Tokenizer(document.RootElement, file);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException or OverflowException or ArgumentException)
        {
            throw new ModelFolderException(file, $"is not a valid tokenizer: {e.Message}", e);
        }
    }

    /// <summary>Text to ids.</summary>
    /// <param name="text">Any text; a lone surrogate is read as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the post-processor's tokens (such as a beginning) are put around the text.</param>
    /// <param name="parseSpecialTokens">Whether special tokens written in the text become those tokens or are plain text.</param>
    /// <exception cref="ModelFolderException">One of the file's patterns takes too long on this text.</exception>
    public int[] Encode(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeWithout(null, text, addSpecialTokens, parseSpecialTokens);
    }

    private int[] EncodeWithout(HashSet<int>? banned, string text, bool addSpecialTokens, bool parseSpecialTokens)
    {
        text = WellFormed(text);
        var ids = new List<int>((text.Length / 3) + 2);
        if (addSpecialTokens) ids.AddRange(frame.Before);
        foreach (var (start, end, token) in raw.Split(text, parseSpecialTokens))
        {
            if (token is not null) ids.Add(token.Id);
            else EncodeBounded(text[start..end], start == 0, parseSpecialTokens, banned, ids);
        }

        if (addSpecialTokens) ids.AddRange(frame.After);
        return [.. ids];
    }

    /// <summary>
    /// A rendered chat template to ids: special tokens that the template wrote are those tokens, nothing is put around, and all other text is
    /// plain, also where a vocabulary would read a control piece in it (Unigram does) or normalization would make one of look-alikes.
    /// </summary>
    /// <param name="rendered">The text, with <see cref="Guard"/> in every special token that a user wrote.</param>
    /// <exception cref="ModelFolderException">One of the file's patterns takes too long on this text.</exception>
    public int[] EncodePrompt(string rendered)
    {
        ArgumentNullException.ThrowIfNull(rendered);
        return EncodeWithout(special, rendered, false, true);
    }

    /// <summary>Ids to text. Ids that no token has decode to nothing.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (skipSpecialTokens && special.Contains(id)) continue;
            if (TokenText(id) is { } text) tokens.Add(text);
        }

        return decoder is null ? string.Join(' ', tokens) : string.Concat(decoder.Apply(tokens));
    }

    /// <summary>The id of a token by its text as stored.</summary>
    public bool TryGetId(string token, out int id)
    {
        var known = added.TryGetValue(token, out var found);
        id = found?.Id ?? -1;
        return known || model.Vocabulary.TryGetValue(token, out id);
    }

    /// <summary>A token's text as stored, or null for an id that no token has.</summary>
    public string? TokenText(int id) => (uint)id < (uint)texts.Length ? texts[id] : null;

    /// <summary>The bytes that a token stands for in the middle of a text; empty for an id that no token has.</summary>
    public ReadOnlyMemory<byte> TokenBytes(int id)
    {
        if (TokenText(id) is not { } text) return default;
        if (added.ContainsKey(text)) return Encoding.UTF8.GetBytes(text);
        if (UsesByteLevel(decoder)) return ByteLevel.Decode(text);
        if (ByteFallbackDecoder.TryByte(text, out var value)) return new[] { value };
        return Encoding.UTF8.GetBytes(text.Replace('\u2581', ' '));
    }

    /// <summary>Whether an id is a special token, which text leaves out.</summary>
    public bool IsSpecial(int id) => special.Contains(id);

    /// <summary>What the normalizer alone makes of a text.</summary>
    internal string Normalize(string text) => normalizer?.Apply(text) ?? text;

    /// <summary>What the pre-tokenizer alone makes of a normalized text.</summary>
    internal IReadOnlyList<string> Pieces(string text)
    {
        var pieces = new List<Piece>();
        if (text.Length > 0) preTokenizer?.Split(new Piece(text, true), pieces);
        return pieces.ConvertAll(piece => piece.Text);
    }

    private static bool UsesByteLevel(TokenDecoder? decoder) => decoder is ByteLevelDecoder || (decoder is DecoderSequence sequence && sequence.Parts.Any(UsesByteLevel));

    private void EncodeNormalized(string segment, bool atStart, bool parseSpecialTokens, HashSet<int>? banned, List<int> ids)
    {
        var guarded = HasGuard(segment);
        if (guarded) banned = special;
        var text = normalizer is null ? segment : guarded ? NormalizeAround(segment, ref parseSpecialTokens) : normalizer.Apply(segment);
        foreach (var (start, end, token) in normalized.Split(text, parseSpecialTokens))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }

            var plain = guarded ? Unguarded(text[start..end]) : text[start..end];
            if (plain.Length == 0) continue;
            var pieces = new List<Piece>();
            var whole = new Piece(plain, atStart && start == 0);
            if (preTokenizer is null) pieces.Add(whole);
            else preTokenizer.Split(whole, pieces);
            foreach (var piece in pieces) model.Encode(piece.Text, ids, banned);
        }
    }

    /// <summary>
    /// A normalizer must not see guards: a noncharacter stands in for them. Where that changes what it does to the rest, the guards are
    /// dropped, and no special token of the stretch is believed.
    /// </summary>
    private string NormalizeAround(string segment, ref bool parseSpecialTokens)
    {
        const char StandIn = '\uFDD0';
        var plain = normalizer!.Apply(Unguarded(segment));
        if (!segment.Contains(StandIn))
        {
            var kept = normalizer.Apply(string.Concat(segment.Select((c, at) => IsGuard(segment, at) ? StandIn : c))).Replace(StandIn, Guard);
            if (Unguarded(kept) == plain) return kept;
        }

        parseSpecialTokens = false;
        return plain;
    }

    private void EncodeBounded(string segment, bool atStart, bool parseSpecialTokens, HashSet<int>? banned, List<int> ids)
    {
        try
        {
            EncodeNormalized(segment, atStart, parseSpecialTokens, banned, ids);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new ModelFolderException(file, $"the pattern '{e.Pattern}' takes too long on a text of {segment.Length} characters", e);
        }
    }

    /// <summary>A guard is a low surrogate that follows no high one; the same unit within a pair is half a character.</summary>
    private static bool IsGuard(string text, int at) => text[at] == Guard && (at == 0 || !char.IsHighSurrogate(text[at - 1]));

    private static bool HasGuard(string text)
    {
        for (var at = text.IndexOf(Guard); at >= 0; at = text.IndexOf(Guard, at + 1))
            if (IsGuard(text, at)) return true;
        return false;
    }

    private static string Unguarded(string text) => string.Concat(text.Where((_, at) => !IsGuard(text, at)));

    private static string WellFormed(string text)
    {
        StringBuilder? mended = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]) || IsGuard(text, i)) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else (mended ??= new StringBuilder(text))[i] = '\uFFFD';
        }

        return mended?.ToString() ?? text;
    }

    private static JsonElement Property(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value : default;
}
