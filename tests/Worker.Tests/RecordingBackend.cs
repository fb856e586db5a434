using System.Text.Json;
using Gateway.Engine.Backend;

namespace Gateway.Worker.Tests;

/// <summary>Remembers what it was asked for, in a form that can be compared.</summary>
internal sealed class RecordingBackend(IModelBackend inner) : IModelBackend
{
    /// <summary>The last call's requests.</summary>
    public string Asked { get; private set; } = "";

    public ModelCard Card => inner.Card;

    public BackendLoad Load => inner.Load;

    public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation)
    {
        Asked = string.Join('\n', requests.Select(request =>
            $"{string.Join(' ', request.Prompt.ToArray())} {request.MaxNewTokens} {string.Join(' ', request.EndTokens)} {request.PromptLogProbs} {JsonSerializer.Serialize(request.Sampling)} {request}"));
        return inner.Generate(requests, cancellation);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
