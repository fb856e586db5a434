using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;

namespace Gateway.Worker.Models;

/// <summary>An embedding model or a cross-encoder in memory. Immutable; used by all requests at once.</summary>
internal sealed record LoadedEncoder(EncoderBackend Backend, TextFraming Framing, EncoderFolder Folder) : IServedModel
{
    public string Name => Backend.Card.Name;

    public long Created { get; init; }

    public BackendLoad Load => Backend.Load;

    /// <summary>Most tokens of a text, special ones included.</summary>
    public int Context => Backend.Card.ContextLength;

    /// <summary>The prompt of a name, or null for a name that has none.</summary>
    public string? Prompt(string? name) => name is not null && Folder.Prompts.TryGetValue(name, out var prompt) ? prompt : null;

    public ValueTask DisposeAsync() => Backend.DisposeAsync();
}
