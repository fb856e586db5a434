using Gateway.Engine.Text;

namespace Gateway.Worker.Chat;

/// <summary>What marks the reasoning in the answers of a model family.</summary>
/// <param name="Open">Comes before the reasoning.</param>
/// <param name="Close">Comes after it.</param>
/// <param name="Headers">Markup that may stand before the content and is not part of it.</param>
internal sealed record ReasoningTags(string Open, string Close, params IReadOnlyList<string> Headers)
{
    private static readonly ReasoningTags[] Families =
    [
        new("<think>", "</think>"), // Qwen3, DeepSeek-R1, SmolLM3, GLM-4.5, Phi-4-reasoning
        new("[THINK]", "[/THINK]"), // Magistral
        new("<seed:think>", "</seed:think>"), // Seed-OSS
        new("<|START_THINKING|>", "<|END_THINKING|>"), // Command A
        new("◁think▷", "◁/think▷"), // Kimi
        new("<thought>", "</thought>"), // EXAONE Deep
        // gpt-oss: channels, of which the final one is the content.
        new("<|channel|>analysis<|message|>", "<|end|>", "<|start|>assistant<|channel|>final<|message|>", "<|channel|>final<|message|>"),
    ];

    /// <summary>Texts of the special tokens that the tags are made of, by id: they have to stay in the text to be found there.</summary>
    public IReadOnlyDictionary<int, string> SpecialTokens { get; private init; } = new Dictionary<int, string>();

    /// <summary>The tags that a model's template writes or reads, or null for a model that does not reason aloud.</summary>
    public static ReasoningTags? Of(string template, Tokenizer tokenizer)
    {
        var family = Families.FirstOrDefault(tags => template.Contains(tags.Close, StringComparison.Ordinal) && template.Contains(tags.Open, StringComparison.Ordinal))
            ?? Families.FirstOrDefault(tags => tokenizer.TryGetId(tags.Open, out _) && tokenizer.TryGetId(tags.Close, out _));
        if (family is null) return null;
        string[] markup = [family.Open, family.Close, .. family.Headers];
        var special = new Dictionary<int, string>();
        foreach (var token in tokenizer.SpecialTokens)
        {
            if (token.Length > 0 && markup.Any(text => text.Contains(token, StringComparison.Ordinal)) && tokenizer.TryGetId(token, out var id)) special[id] = token;
        }

        return family with { SpecialTokens = special };
    }
}
