using Gateway.Engine.Backend;
using Gateway.Engine.Constraints;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Worker.Chat;
using Gateway.Worker.Constraints;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Models;

/// <summary>Everything that answering needs from a model that is in memory. Immutable; used by all requests at once.</summary>
internal sealed record LoadedModel(IModelBackend Backend, Tokenizer Tokenizer, ChatTemplate? Template, GenerationDefaults Defaults) : IServedModel
{
    private readonly Lazy<TokenTrie> trie = new(() => TokenTrie.Of(Tokenizer, Backend.Card.Vocabulary));
    private ModelTools? tools;

    /// <summary>The vocabulary as grammars see it; built when the first one asks.</summary>
    public TokenTrie Trie => trie.Value;

    public GrammarCache Grammars { get; } = new();

    /// <summary>How it calls tools.</summary>
    public ModelTools Tools => tools ?? Interlocked.CompareExchange(ref tools, new ModelTools(TemplateSource, Tokenizer, Backend.Card.Vocabulary, Reasoning, trie), null) ?? tools;

    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>The template as text, which tells the variables that it reads.</summary>
    public string TemplateSource { get; init; } = "";

    /// <summary>How the model marks its reasoning; null where it does not reason aloud.</summary>
    public ReasoningTags? Reasoning { get; init; }

    public long Created { get; init; }

    public string Name => Backend.Card.Name;

    public BackendLoad Load => Backend.Load;

    public int Context => Backend.Card.ContextLength;

    /// <summary>See <see cref="Models.Fingerprint"/>.</summary>
    public string Fingerprint { get; init; } = Models.Fingerprint.Of(Backend.Card.ToString());

    public ValueTask DisposeAsync() => Backend.DisposeAsync();
}
