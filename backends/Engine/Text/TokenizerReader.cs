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
internal sealed class TokenizerReader(string file)
{
    private const int MaxDepth = 16; // of sequences within sequences

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
        "Whitespace" => new SplitBy(new RegexMatcher(Regex(@"\w+|[^\w\s]+")), SplitBehavior.Removed, true),
        "WhitespaceSplit" => new SplitBy(RuneMatcher.WhiteSpace, SplitBehavior.Removed, false),
        "Punctuation" => new SplitBy(RuneMatcher.Punctuation, Behavior(e), false),
        "BertPreTokenizer" => new PreTokenizerSequence([
            new SplitBy(RuneMatcher.WhiteSpace, SplitBehavior.Removed, false), new SplitBy(RuneMatcher.Punctuation, SplitBehavior.Isolated, false)]),
        "CharDelimiterSplit" => new SplitBy(new TextMatcher(Text(e, "delimiter")), SplitBehavior.Removed, false),
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

    public BytePairs Model(JsonElement e)
    {
        var type = e.TryGetProperty("type", out var named) ? named.GetString() : "BPE";
        if (type != "BPE") throw Unknown("model", type ?? "null");
        if (e.TryGetProperty("dropout", out var dropout) && dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() > 0)
            throw Bad("the model drops merges at random (dropout), which no server can reproduce");
        var vocabulary = new Dictionary<string, int>();
        foreach (var entry in e.GetProperty("vocab").EnumerateObject())
        {
            if (entry.Value.GetInt32() is not (>= 0 and <= Tokenizer.MaxId and var id)) throw Bad($"the id of '{entry.Name}' is out of range");
            if (!vocabulary.TryAdd(entry.Name, id)) throw Bad($"the vocabulary has '{entry.Name}' twice");
        }

        var prefix = OptionalText(e, "continuing_subword_prefix");
        var merges = Merges(e.GetProperty("merges"), vocabulary, prefix ?? "");
        var unknown = OptionalText(e, "unk_token");
        int? unknownId = unknown is null ? null : vocabulary.TryGetValue(unknown, out var found) ? found : throw Bad($"the unknown token '{unknown}' is not in the vocabulary");
        return new BytePairs(vocabulary, merges, new BytePairOptions(
            unknownId, Flag(e, "fuse_unk", false), Flag(e, "byte_fallback", false), Flag(e, "ignore_merges", false), prefix, OptionalText(e, "end_of_word_suffix")));
    }

    public AddedToken AddedToken(JsonElement e)
    {
        var id = e.GetProperty("id").GetInt32();
        if (id is < 0 or > Tokenizer.MaxId) throw Bad($"the id {id} of an added token is out of range");
        return new AddedToken(id, Text(e, "content"), Flag(e, "single_word", false), Flag(e, "lstrip", false), Flag(e, "rstrip", false),
            Flag(e, "normalized", true), Flag(e, "special", false));
    }

    private Dictionary<long, (int Rank, int Id)> Merges(JsonElement list, Dictionary<string, int> vocabulary, string prefix)
    {
        var merges = new Dictionary<long, (int, int)>(list.GetArrayLength());
        var rank = 0;
        foreach (var merge in list.EnumerateArray())
        {
            string left, right;
            if (merge.ValueKind == JsonValueKind.String)
            {
                var text = merge.GetString()!;
                var space = text.IndexOf(' ');
                if (space <= 0) throw Bad($"merge {rank} ('{text}') is not two tokens");
                (left, right) = (text[..space], text[(space + 1)..]);
            }
            else
            {
                if (merge.GetArrayLength() != 2) throw Bad($"merge {rank} is not two tokens");
                (left, right) = (merge[0].GetString()!, merge[1].GetString()!);
            }

            var joined = prefix.Length > 0 && right.StartsWith(prefix, StringComparison.Ordinal) ? left + right[prefix.Length..] : left + right;
            if (!vocabulary.TryGetValue(left, out var l) || !vocabulary.TryGetValue(right, out var r) || !vocabulary.TryGetValue(joined, out var id))
                throw Bad($"merge {rank} ('{left}' with '{right}') names a token that is not in the vocabulary");
            // As in the reference, a pair that is there twice has its last rank.
            merges[BytePairs.Pair(l, r)] = (rank++, id);
        }

        return merges;
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
