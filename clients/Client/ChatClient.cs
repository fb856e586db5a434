using System.Runtime.CompilerServices;
using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Chat;

namespace Gateway.Client;

/// <summary><c>/v1/chat/completions</c>.</summary>
public sealed class ChatClient
{
    private const string Path = "chat/completions";
    private readonly HttpTransport _transport;

    internal ChatClient(HttpTransport transport) => (_transport, Stored) = (transport, new StoredChatClient(transport));

    /// <summary>Answers that were asked to be kept.</summary>
    public StoredChatClient Stored { get; }

    /// <summary>Asks and waits for the whole answer.</summary>
    public async Task<ChatCompletion> CompleteAsync(ChatRequest request, CancellationToken cancellation = default)
    {
        var body = WireBody.Of(request with { Stream = null, StreamOptions = null }, ProtocolJson.Wire.ChatRequest);
        var answer = await _transport.AskAsync(HttpMethod.Post, Path, body, ProtocolJson.Wire.ChatCompletion, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }

    /// <summary>Asks and gives each chunk as it comes. Leaving the loop early cancels the call at the server.</summary>
    /// <exception cref="Errors.StreamBrokenException">The stream ended in the middle of an answer.</exception>
    public async IAsyncEnumerable<ChatCompletionChunk> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var body = WireBody.Of(request with { Stream = true }, ProtocolJson.Wire.ChatRequest);
        var open = new OpenChoices();
        await foreach (var (chunk, id) in _transport.StreamAsync(Path, body, ProtocolJson.Wire.ChatCompletionChunk, open, cancellation).ConfigureAwait(false))
        {
            foreach (var choice in chunk.Choices) open.Note(choice.Index, choice.FinishReason);
            yield return chunk with { RequestId = id };
        }
    }

    /// <summary>The text of the first choice as it comes.</summary>
    /// <exception cref="Errors.StreamBrokenException">The stream ended in the middle of an answer.</exception>
    public async IAsyncEnumerable<string> StreamTextAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var chunk in StreamAsync(request, cancellation).ConfigureAwait(false))
            foreach (var choice in chunk.Choices)
                if (choice is { Index: 0, Delta.Content.Length: > 0 }) yield return choice.Delta.Content;
    }
}
