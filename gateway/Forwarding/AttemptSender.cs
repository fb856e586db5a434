namespace Gateway.Forwarding;

/// <summary>
/// Sends an attempt's request, which YARP has made without a body: what it would copy from a stream it would send apart from the head, in a second
/// packet that costs both sides a turn. One for each attempt; whoever really sends lives as long as the upstream.
/// </summary>
internal sealed class AttemptSender(HttpMessageInvoker upstream, HttpContent body) : HttpMessageInvoker(Nobody, disposeHandler: false)
{
    private static readonly HttpMessageHandler Nobody = new SocketsHttpHandler();

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content = body;
        return upstream.SendAsync(request, cancellationToken);
    }
}
