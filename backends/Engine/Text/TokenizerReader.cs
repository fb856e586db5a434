using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Engine.Models;
using Gateway.Engine.Text.Decoding;
using Gateway.Engine.Text.Normalizing;
using Gateway.Engine.Text.Splitting;
using Gateway.Engine.Text.Vocabulary;

namespace Gateway.Engine.Text;

/// <summary>Reads the parts of a <c>tokenizer.json</c>. A part that is not known is refused by name: leaving it out would change ids.</summary>
internal sealed partial class TokenizerReader(string file)
{
    private const int MaxDepth = 16; // of sequences within sequences
    private const string Words = @"[\w\u200C\u200D\p{M}\p{Nl}]+|[^\w\s\u200C\u200D\p{M}\p{Nl}]+"; // Unicode's word characters, of which .NET's \w lacks some

    public Normalizer? Normalizer(JsonElement e, int depth = 0) => Part(e, "normalizer", depth) switch
    {
        null => null,
        "Sequence" => new NormalizerSequence([.. Items(e, "normalizers").Select(part => Normalizer(part, depth + 1)!)]),
        "NFC" => new UnicodeForm(NormalizationForm.FormC),
        "NFD" => new UnicodeForm(NormalizationForm.FormD),
        "NFKC" => new UnicodeForm(NormalizationForm.FormKC),
        "NFKD" => new UnicodeForm(NormalizationForm.FormKD),
        "Lowercase" => new Lowercase(),
        "Strip" => new StripEnds(Flag(e, "strip_left", true), Flag(e, "strip_right", true)),
        "StripAccents" => new StripAccents(),
        "Prepend" => new Prepend(Text(e, "prepend")),
        "Replace" => Pattern(e) switch
        {
            (string text, null) => new ReplaceText(text, Text(e, "content")),
            var (_, regex) => new ReplacePattern(regex!, Text(e, "content")),
        },
        "BertNormalizer" => new BertCleaning(Flag(e, "clean_text", true), Flag(e, "handle_chinese_chars", true),
            Flag(e, "strip_accents", Flag(e, "lowercase", true)), Flag(e, "lowercase", true)),
        "Nmt" => new NmtCleaning(),
        "ByteLevel" => new ByteLevelText(),
        "Precompiled" => new CharsMap(Text(e, "precompiled_charsmap")),
        var other => throw Unknown("normalizer", other),
    };

    public PreTokenizer? PreTokenizer(JsonElement e, int depth = 0) => Part(e, "pre-tokenizer", depth) switch
    {
        null => null,
        "Sequence" => new PreTokenizerSequence([.. Items(e, "pretokenizers").Select(part => PreTokenizer(part, depth + 1)!)]),
        "ByteLevel" => new ByteLevelSplit(Flag(e, "add_prefix_space", true), Flag(e, "use_regex", true) ? KnownMatcher.Gpt2 : null),
        "Split" => new SplitBy(Matcher(e), Behavior(e), Flag(e, "invert", false)),
        "Digits" => new SplitBy(RuneMatcher.Digits, Flag(e, "individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous, false),
        "Metaspace" => new Metaspace(Text(e, "replacement"), Scheme(e), Flag(e, "split", true)),
        "Whitespace" => new SplitBy(new RegexMatcher(Regex(Words)), SplitBehavior.Removed, true),
        "WhitespaceSplit" => new SplitBy(RuneMatcher.WhiteSpace, SplitBehavior.Removed, false),
        "Punctuation" => new SplitBy(RuneMatcher.Punctuation, Behavior(e), false),
        "BertPreTokenizer" => new PreTokenizerSequence([
            new SplitBy(RuneMatcher.WhiteSpace, SplitBehavior.Removed, false), new SplitBy(RuneMatcher.Punctuation, SplitBehavior.Isolated, false)]),
        "CharDelimiterSplit" => new SplitBy(new TextMatcher(Text(e, "delimiter")), SplitBehavior.Removed, false),
        "UnicodeScripts" => new ScriptSplit(),
        "FixedLength" => new FixedLength(Number(e, "length") is > 0 and var length ? length : throw Bad("the pre-tokenizer's 'length' is not positive")),
        var other => throw Unknown("pre-tokenizer", other),
    };

    public TokenDecoder? Decoder(JsonElement e, int depth = 0) => Part(e, "decoder", depth) switch
    {
        null => null,
        "Sequence" => new DecoderSequence([.. Items(e, "decoders").Select(part => Decoder(part, depth + 1)!)]),
        "ByteLevel" => new ByteLevelDecoder(),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Metaspace" => new MetaspaceDecoder(Text(e, "replacement"), Scheme(e) != PrependScheme.Never),
        "Strip" => new StripDecoder(Text(e, "content"), Number(e, "start"), Number(e, "stop")),
        "BPEDecoder" => new BpeDecoder(Text(e, "suffix")),
        "Replace" => Pattern(e) switch
        {
            (string text, null) => new ReplaceDecoder(text, Text(e, "content")),
            var (_, regex) => new ReplacePatternDecoder(regex!, Text(e, "content")),
        },
        "WordPiece" => new WordPieceDecoder(Text(e, "prefix"), Flag(e, "cleanup", true)),
        "CTC" => new CtcDecoder(Text(e, "pad_token"), Text(e, "word_delimiter_token"), Flag(e, "cleanup", true)),
        var other => throw Unknown("decoder", other),
    };

    /// <summary>What the post-processor puts before and after the ids of one text.</summary>
    public (int[] Before, int[] After) PostProcessor(JsonElement e, int depth = 0)
    {
        switch (Part(e, "post-processor", depth))
        {
            case null or "ByteLevel":
                return ([], []);
            case "Sequence":
                var parts = Items(e, "processors").Select(part => PostProcessor(part, depth + 1)).ToList();
                return ([.. Enumerable.Reverse(parts).SelectMany(p => p.Before)], [.. parts.SelectMany(p => p.After)]);
            case "BertProcessing" or "RobertaProcessing":
                return ([e.GetProperty("cls")[1].GetInt32()], [e.GetProperty("sep")[1].GetInt32()]);
            case "TemplateProcessing":
                return Template(e);
            case var other:
                throw Unknown("post-processor", other);
        }
    }

    public AddedToken AddedToken(JsonElement e)
    {
        var id = e.GetProperty("id").GetInt32();
        if (id is < 0 or > Tokenizer.MaxId) throw Bad($"the id {id} of an added token is out of range");
        return new AddedToken(id, Text(e, "content"), Flag(e, "single_word", false), Flag(e, "lstrip", false), Flag(e, "rstrip", false),
            Flag(e, "normalized", true), Flag(e, "special", false));
    }

    private (int[] Before, int[] After) Template(JsonElement e)
    {
        var before = new List<int>();
        var after = new List<int>();
        var seen = false;
        foreach (var item in e.GetProperty("single").EnumerateArray())
        {
            if (item.TryGetProperty("Sequence", out _))
            {
                if (seen) throw Bad("the post-processor's template repeats the text");
                seen = true;
                continue;
            }

            var name = Text(item.GetProperty("SpecialToken"), "id");
            (seen ? after : before).AddRange(e.GetProperty("special_tokens").GetProperty(name).GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        }

        return ([.. before], [.. after]);
    }

    private IMatcher Matcher(JsonElement e)
    {
        var pattern = e.GetProperty("pattern");
        if (pattern.ValueKind == JsonValueKind.Object && pattern.TryGetProperty("Regex", out var known) && KnownMatcher.For(known.GetString()) is { } matcher)
            return matcher;
        var (text, regex) = Pattern(e);
        return regex is null ? new TextMatcher(text!) : new RegexMatcher(regex);
    }

    private (string? Text, Regex? Regex) Pattern(JsonElement e)
    {
        var pattern = e.GetProperty("pattern");
        if (pattern.ValueKind == JsonValueKind.String) return (pattern.GetString(), null);
        return pattern.TryGetProperty("String", out var text) ? (text.GetString(), null) : (null, Regex(Text(pattern, "Regex")));
    }

    private Regex Regex(string pattern)
    {
        try
        {
            return RegexTranslation.Compile(pattern);
        }
        catch (ArgumentException e)
        {
            throw new ModelFolderException(file, $"the pattern '{pattern}' cannot be used: {e.Message}", e);
        }
    }

    private SplitBehavior Behavior(JsonElement e) =>
        Enum.TryParse<SplitBehavior>(OptionalText(e, "behavior") ?? "Isolated", out var behavior) ? behavior : throw Unknown("split behavior", Text(e, "behavior"));

    /// <summary>Before there was a scheme there was <c>add_prefix_space</c>.</summary>
    private PrependScheme Scheme(JsonElement e) => OptionalText(e, "prepend_scheme") switch
    {
        "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        null => Flag(e, "add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never,
        var other => throw Unknown("prepend scheme", other),
    };

    private string? Part(JsonElement e, string kind, int depth)
    {
        if (depth > MaxDepth) throw Bad($"the {kind} is nested more than {MaxDepth} deep");
        return e.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : Text(e, "type");
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement e, string name) => e.GetProperty(name).EnumerateArray();

    private string Text(JsonElement e, string name) => e.GetProperty(name).GetString() ?? throw Bad($"'{name}' is null");

    private static string? OptionalText(JsonElement e, string name) => e.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static bool Flag(JsonElement e, string name, bool absent) =>
        e.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetBoolean() : absent;

    private static int Number(JsonElement e, string name) => e.GetProperty(name).GetInt32();

    private ModelFolderException Bad(string problem) => new(file, problem);

    private ModelFolderException Unknown(string kind, string name) => new(file, $"the {kind} '{name}' is not supported");
}
