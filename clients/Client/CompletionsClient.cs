using System.Runtime.CompilerServices;
using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Completions;

namespace Gateway.Client;

/// <summary><c>/v1/completions</c>.</summary>
public sealed class CompletionsClient
{
    private const string Path = "completions";
    private readonly HttpTransport _transport;

    internal CompletionsClient(HttpTransport transport) => _transport = transport;

    /// <summary>Asks and waits for the whole answer.</summary>
    public async Task<Completion> CompleteAsync(CompletionRequest request, CancellationToken cancellation = default)
    {
        var body = WireBody.Of(request with { Stream = null, StreamOptions = null }, ProtocolJson.Wire.CompletionRequest);
        var answer = await _transport.AskAsync(HttpMethod.Post, Path, body, ProtocolJson.Wire.Completion, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }

    /// <summary>Asks and gives each event as it comes. Leaving the loop early cancels the call at the server.</summary>
    /// <exception cref="Errors.StreamBrokenException">The stream ended in the middle of an answer.</exception>
    public async IAsyncEnumerable<Completion> StreamAsync(CompletionRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var body = WireBody.Of(request with { Stream = true }, ProtocolJson.Wire.CompletionRequest);
        var open = new OpenChoices();
        await foreach (var (part, id) in _transport.StreamAsync(Path, body, ProtocolJson.Wire.Completion, open, cancellation).ConfigureAwait(false))
        {
            foreach (var choice in part.Choices) open.Note(choice.Index, choice.FinishReason);
            yield return part with { RequestId = id };
        }
    }
}
