using System.Collections.Immutable;
using Gateway.Engine.Text;

namespace Gateway.Worker.Completions;

/// <summary>
/// The tokens with which a code model is asked for what belongs between a prefix and a suffix. Found in its tokenizer: a model that was not
/// taught to fill a gap has none.
/// </summary>
internal sealed class FillInTheMiddle
{
    private static readonly Family[] Families =
    [
        new("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"), // Qwen coder, CodeGemma
        new("<fim_prefix>", "<fim_suffix>", "<fim_middle>"), // StarCoder, Granite code
        new("<fim-prefix>", "<fim-suffix>", "<fim-middle>"), // SantaCoder
        new("▁<PRE>", "▁<SUF>", "▁<MID>"), // Code Llama
        new("<PRE>", "<SUF>", "<MID>"),
        new("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"), // DeepSeek coder: the hole stands where the gap is
        new("[PREFIX]", "[SUFFIX]", null), // Codestral: suffix first, then the prefix, which is simply continued
    ];

    // Where a filled gap ends, beside the model's own end of text.
    private static readonly string[] EndTexts =
        ["<|endoftext|>", "<|fim_pad|>", "<fim_pad>", "<fim-pad>", "<|file_sep|>", "<file_sep>", "<|file_separator|>", "<|repo_name|>", "▁<EOT>", "<EOT>", "<｜end▁of▁sentence｜>"];

    private readonly Tokenizer tokenizer;
    private readonly int prefix;
    private readonly int suffix;
    private readonly int? middle;

    private FillInTheMiddle(Tokenizer tokenizer, int prefix, int suffix, int? middle)
    {
        (this.tokenizer, this.prefix, this.suffix, this.middle) = (tokenizer, prefix, suffix, middle);
        Ends = [.. EndTexts.Select(text => tokenizer.TryGetId(text, out var id) ? id : -1).Where(id => id >= 0).Append(prefix).Append(suffix)];
    }

    /// <summary>Tokens that end a filled gap.</summary>
    public ImmutableArray<int> Ends { get; }

    /// <summary>The model's tokens, or null for a model that has none.</summary>
    public static FillInTheMiddle? Of(Tokenizer tokenizer)
    {
        foreach (var family in Families)
        {
            if (!tokenizer.TryGetId(family.Prefix, out var prefix) || !tokenizer.TryGetId(family.Suffix, out var suffix)) continue;
            if (family.Middle is null) return new FillInTheMiddle(tokenizer, prefix, suffix, null);
            if (tokenizer.TryGetId(family.Middle, out var middle)) return new FillInTheMiddle(tokenizer, prefix, suffix, middle);
        }

        return null;
    }

    /// <summary>A prompt with a gap after <paramref name="before"/> and <paramref name="after"/> behind the gap.</summary>
    public int[] Around(ReadOnlySpan<int> before, string after)
    {
        // Where the tokenizer begins every text with a token of its own, that stays in front.
        var own = tokenizer.Encode("");
        var body = before.StartsWith(own) ? before[own.Length..] : before;
        var rest = tokenizer.Encode(after, addSpecialTokens: false, parseSpecialTokens: false);
        return middle is { } end
            ? [.. own, prefix, .. body, suffix, .. rest, end]
            : [.. own, suffix, .. rest, prefix, .. body];
    }

    private sealed record Family(string Prefix, string Suffix, string? Middle);
}
