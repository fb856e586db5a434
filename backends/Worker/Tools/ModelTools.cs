using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Engine.Text;
using Gateway.Worker.Chat;

namespace Gateway.Worker.Tools;

/// <summary>What calling tools needs to know of a model, and what was made for it. Thread-safe.</summary>
internal sealed class ModelTools
{
    private readonly Lazy<TokenTrie> trie;

    public ModelTools(string template, Tokenizer tokenizer, int vocabulary, ReasoningTags? reasoning, Lazy<TokenTrie> plain)
    {
        Family = ToolFamilies.Of(template, tokenizer);
        var shown = new Dictionary<int, string>(reasoning?.SpecialTokens ?? new Dictionary<int, string>());
        foreach (var token in tokenizer.SpecialTokens)
        {
            if (token.Length > 1 && Family.Form.Markup.Any(text => text.Contains(token, StringComparison.Ordinal)) && tokenizer.TryGetId(token, out var id)) shown[id] = token;
        }

        Shown = shown;
        trie = shown.Count == 0 ? plain : new Lazy<TokenTrie>(() => TokenTrie.Of(tokenizer, vocabulary, shown.Keys));
    }

    /// <summary>How the model calls.</summary>
    public ToolFamily Family { get; }

    /// <summary>Texts of the special tokens that calls and thoughts are made of, by id: grammars ask for them, and they stay in the text.</summary>
    public IReadOnlyDictionary<int, string> Shown { get; }

    /// <summary>The vocabulary as grammars of calls see it.</summary>
    public TokenTrie Trie => trie.Value;

    public RecentlyMade<CompiledTools> Compiled { get; } = new();

    public RecentlyMade<ToolCallPlan> Plans { get; } = new();
}
