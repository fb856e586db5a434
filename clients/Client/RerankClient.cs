using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Rerank;

namespace Gateway.Client;

/// <summary><c>/v1/rerank</c>.</summary>
public sealed class RerankClient
{
    private readonly HttpTransport _transport;

    internal RerankClient(HttpTransport transport) => _transport = transport;

    /// <summary>Documents by how well they answer the query, the best first.</summary>
    public async Task<RerankAnswer> RankAsync(RerankRequest request, CancellationToken cancellation = default)
    {
        var answer = await _transport.AskAsync(
            HttpMethod.Post, "rerank", WireBody.Of(request, ProtocolJson.Wire.RerankRequest), ProtocolJson.Wire.RerankAnswer, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }
}
