using System.Net;

namespace Gateway.Forwarding;

/// <summary>
/// Sends an attempt's request, which YARP has made without a body: what it would copy from a stream it would send apart from the head, in a second
/// packet that costs both sides a turn. One for each attempt; whoever really sends lives as long as the upstream.
/// </summary>
/// <param name="upstream">Really sends.</param>
/// <param name="body">Of the request.</param>
/// <param name="asks">Whether the upstream is asked for a body before it is sent: what is refused by its head is refused without it, and seen to be.</param>
internal sealed class AttemptSender(HttpMessageInvoker upstream, HttpContent body, bool asks) : HttpMessageInvoker(Nobody, disposeHandler: false)
{
    private static readonly HttpMessageHandler Nobody = new SocketsHttpHandler();

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content = body;
        return asks ? AskAsync(request, cancellationToken) : upstream.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.ExpectContinue = true;
        var answer = await upstream.SendAsync(request, cancellation);
        if (answer.StatusCode != HttpStatusCode.ExpectationFailed) return answer;
        answer.Dispose();
        request.Headers.ExpectContinue = null; // it does not know what that is
        return await upstream.SendAsync(request, cancellation);
    }
}
