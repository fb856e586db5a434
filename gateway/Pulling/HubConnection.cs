using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Pulling;

/// <summary>
/// Sends requests to a hub and follows its redirects itself: the token goes to the hub's own scheme, host and port and nowhere else, and
/// what began encrypted stays so.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MostRedirects = 8;
    private readonly HttpClient http;
    private readonly string? token;

    /// <param name="address">The hub.</param>
    /// <param name="token">For the hub alone; never logged.</param>
    public HubConnection(Uri address, string? token)
    {
        (Address, this.token) = (address, string.IsNullOrWhiteSpace(token) ? null : token.Trim());
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(15), MaxConnectionsPerServer = int.MaxValue }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("gateway-pull/0.1");
    }

    public Uri Address { get; }

    public bool HasToken => token is not null;

    /// <summary>The last answer of a chain of redirects, its body unread.</summary>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="uri">Where to begin.</param>
    /// <param name="range">The bytes wanted, or null for all.</param>
    /// <param name="onHop">Sees every answer, redirects too: the hub puts what it knows of a file into the first.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PassingException">Nobody answered.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri uri, ByteRange? range, Action<HttpResponseMessage>? onHop, CancellationToken cancellation)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, uri);
            if (token is not null && IsHub(uri)) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (range is { } wanted) request.Headers.Range = new RangeHeaderValue(wanted.Start, wanted.End - 1);
            var answer = await SendAsync(request, uri, cancellation);
            onHop?.Invoke(answer);
            if (answer.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)) return answer;
            using (answer) uri = Next(uri, answer.Headers.Location);
        }

        throw new PullException($"{Address.Host} redirects more than {MostRedirects} times");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Uri uri, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new PassingException($"{uri.Authority} cannot be reached: {e.Message}");
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingException($"{uri.Authority} cannot be reached: {e.InnerException?.Message ?? "no connection in time"}");
        }
    }

    private static Uri Next(Uri from, Uri? location)
    {
        if (location is null) throw new PullException($"{from.Host} redirects without saying where");
        var to = new Uri(from, location);
        if (to.Scheme is not ("http" or "https")) throw new PullException($"{from.Host} redirects to '{to.Scheme}:', which is not followed");
        if (from.Scheme == "https" && to.Scheme != "https") throw new PullException($"{from.Host} redirects to {to.Host} without encryption, which is not followed");
        return to;
    }

    private bool IsHub(Uri uri) => uri.Scheme == Address.Scheme && uri.Port == Address.Port && string.Equals(uri.IdnHost, Address.IdnHost, StringComparison.OrdinalIgnoreCase);
}
