using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Chat;

namespace Gateway.Client;

/// <summary>Chat completions that were asked to be kept (<see cref="ChatRequest.Store"/>).</summary>
public sealed class StoredChatClient
{
    private const string Path = "chat/completions";
    private readonly HttpTransport _transport;

    internal StoredChatClient(HttpTransport transport) => _transport = transport;

    /// <summary>All that the query names, page after page as the loop asks for them.</summary>
    public async IAsyncEnumerable<ChatCompletion> ListAsync(StoredChatQuery? query = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        query ??= new StoredChatQuery();
        while (true)
        {
            var page = await PageAsync(query, cancellation).ConfigureAwait(false);
            foreach (var completion in page.Data) yield return completion;
            if (!page.HasMore || page.Data.Count == 0) yield break;
            query = query with { After = page.Data[^1].Id };
        }
    }

    /// <summary>One page.</summary>
    public Task<ChatCompletionList> PageAsync(StoredChatQuery query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return AskAsync(HttpMethod.Get, query.ToPath(Path), null, ProtocolJson.Wire.ChatCompletionList, cancellation);
    }

    /// <summary>One answer as it was given, with its metadata.</summary>
    public Task<ChatCompletion> GetAsync(string id, CancellationToken cancellation = default) => AskAsync(HttpMethod.Get, Of(id), null, ProtocolJson.Wire.ChatCompletion, cancellation);

    /// <summary>Replaces the metadata.</summary>
    public Task<ChatCompletion> UpdateAsync(string id, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation = default) =>
        AskAsync(HttpMethod.Post, Of(id), WireBody.Of(new ChatMetadataUpdate(metadata), ProtocolJson.Wire.ChatMetadataUpdate), ProtocolJson.Wire.ChatCompletion, cancellation);

    /// <summary>Deletes it.</summary>
    public Task<ChatCompletionDeleted> DeleteAsync(string id, CancellationToken cancellation = default) => AskAsync(HttpMethod.Delete, Of(id), null, ProtocolJson.Wire.ChatCompletionDeleted, cancellation);

    /// <summary>A page of the request's messages; the query's model and metadata do not apply.</summary>
    public Task<StoredChatMessageList> MessagesAsync(string id, StoredChatQuery? query = null, CancellationToken cancellation = default) =>
        AskAsync(HttpMethod.Get, ((query ?? new StoredChatQuery()) with { Model = null, Metadata = null }).ToPath(Of(id) + "/messages"), null, ProtocolJson.Wire.StoredChatMessageList, cancellation);

    private static string Of(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return $"{Path}/{Uri.EscapeDataString(id)}";
    }

    private async Task<T> AskAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> shape, CancellationToken cancellation) =>
        (await _transport.AskAsync(method, path, body, shape, cancellation).ConfigureAwait(false)).Value;
}
