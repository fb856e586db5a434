using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Calls;

/// <summary>
/// A connection that tells when TLS puts a transport of its own in place. Kestrel adds TLS to an endpoint after all other middleware of the connection, so
/// nothing that is added to an endpoint sees what is deciphered.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="clear">Given what is deciphered; returns what HTTP shall speak to.</param>
internal sealed class Deciphered(ConnectionContext inner, Func<IDuplexPipe, IDuplexPipe> clear) : ConnectionContext
{
    private readonly IDuplexPipe sent = inner.Transport;

    public override IDuplexPipe Transport
    {
        get => inner.Transport;
        set => inner.Transport = value == sent ? value : clear(value); // TLS puts the first one back at its end
    }

    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);
}
