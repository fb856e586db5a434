using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Embeddings;

namespace Gateway.Client;

/// <summary><c>/v1/embeddings</c>.</summary>
public sealed class EmbeddingsClient
{
    private readonly HttpTransport _transport;

    internal EmbeddingsClient(HttpTransport transport) => _transport = transport;

    /// <summary>Vectors of the inputs, in their order. They travel as base64 unless the request says otherwise.</summary>
    public async Task<EmbeddingList> CreateAsync(EmbeddingRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = WireBody.Of(request with { EncodingFormat = request.EncodingFormat ?? "base64" }, ProtocolJson.Wire.EmbeddingRequest);
        var answer = await _transport.AskAsync(HttpMethod.Post, "embeddings", body, ProtocolJson.Wire.EmbeddingList, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }
}
