using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Models;

namespace Gateway.Client;

/// <summary><c>/v1/models</c>.</summary>
public sealed class ModelsClient
{
    private readonly HttpTransport _transport;

    internal ModelsClient(HttpTransport transport) => _transport = transport;

    /// <summary>All models that the key may see.</summary>
    public async Task<IReadOnlyList<Model>> ListAsync(CancellationToken cancellation = default) =>
        (await _transport.AskAsync(HttpMethod.Get, "models", null, ProtocolJson.Wire.ModelList, cancellation).ConfigureAwait(false)).Value.Data;

    /// <summary>One model; its name may contain <c>/</c> and <c>:</c>.</summary>
    /// <exception cref="Errors.ModelNotFoundException">There is none of that name.</exception>
    public async Task<Model> GetAsync(string id, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return (await _transport.AskAsync(HttpMethod.Get, "models/" + Uri.EscapeDataString(id), null, ProtocolJson.Wire.Model, cancellation).ConfigureAwait(false)).Value;
    }
}
