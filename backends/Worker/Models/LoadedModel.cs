using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Text;

namespace Gateway.Worker.Models;

/// <summary>A model ready to answer: what the readers and assemblers need of it.</summary>
internal sealed record LoadedModel(
    string Name, IModelBackend Backend, Tokenizer Tokenizer, ChatTemplate? Template, GenerationDefaults Defaults, IReadOnlyDictionary<string, string> SpecialTokens)
{
    /// <summary>Most tokens of prompt and answer together.</summary>
    public int Context => Backend.Card.ContextLength;

    /// <summary>Same fingerprint, seed and request: same answer.</summary>
    public string Fingerprint { get; } = $"fp_{Backend.Card.Engine}_{Backend.Card.Architecture}";
}

/// <summary>Holds the model once it is loaded; until then calls are told to come back.</summary>
internal sealed class ModelSlot
{
    private volatile LoadedModel? model;

    public LoadedModel? Loaded
    {
        get => model;
        set => model = value;
    }

    public LoadedModel Need(string? asked)
    {
        var loaded = model ?? throw Errors.Problems.Loading();
        if (asked is null) throw Errors.Problems.NoModel();
        return asked == loaded.Name ? loaded : throw Errors.Problems.UnknownModel(asked);
    }
}
