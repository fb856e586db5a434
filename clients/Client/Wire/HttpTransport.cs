using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Client.Errors;
using Gateway.Protocol;

namespace Gateway.Client.Wire;

/// <summary>Sends, retries until an answer has begun, and turns every failure into a <see cref="GatewayException"/>.</summary>
internal sealed class HttpTransport : IDisposable
{
    private const int MaxAnswerBytes = 256 << 20;
    private const int MaxBufferedReads = 64;
    private readonly GatewayClientOptions _options;
    private readonly HttpClient _http;
    private readonly Uri _root;
    private readonly Backoff _backoff;

    public HttpTransport(GatewayClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRetries);
        if (options.BaseAddress is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            throw new ArgumentException("The base address is an absolute http or https address.", nameof(options));
        _options = options;
        var root = options.BaseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _root = new Uri((options.BaseAddress.AbsolutePath == "/" ? root + "/v1" : root) + "/");
        _backoff = new Backoff(options.TimeProvider, options.Seed ?? Environment.TickCount);
        _http = options.Handler is { } handler ? new HttpClient(handler, disposeHandler: false) : new HttpClient();
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.MaxResponseContentBufferSize = MaxAnswerBytes;
    }

    public async Task<(T Value, string? RequestId)> AskAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> shape, CancellationToken cancellation)
    {
        using var response = await SendAsync(method, path, body, HttpCompletionOption.ResponseContentRead, cancellation).ConfigureAwait(false);
        var id = ErrorReader.RequestId(response);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        try
        {
            return (JsonSerializer.Deserialize(bytes, shape) ?? throw new JsonException("The answer is null."), id);
        }
        catch (JsonException e)
        {
            throw new GatewayException($"The answer of {path} is not what the contract says: {e.Message}", e) { Status = (int)response.StatusCode, RequestId = id };
        }
    }

    public async IAsyncEnumerable<(T Value, string? RequestId)> StreamAsync<T>(
        string path, byte[] body, JsonTypeInfo<T> shape, OpenChoices open, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Post, path, body, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        var id = ErrorReader.RequestId(response);
        if (response.Content.Headers.ContentType?.MediaType is not "text/event-stream" and var type)
            throw new StreamBrokenException($"The server answered a stream with {type ?? "no content type"}.") { RequestId = id };
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var ended = false;
        try
        {
            await using var events = Sse.ReadAsync(stream, cancellation).GetAsyncEnumerator(cancellation);
            while (await NextAsync(events, open, id, cancellation).ConfigureAwait(false) is { } data) yield return (EventReader.Read(data, shape, id), id);
            ended = true;
        }
        finally
        {
            if (!ended) await AbandonAsync(stream).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Closes the connection, so that the server stops generating. A response that is only disposed is drained for up to two seconds
    /// first, and a token closes a connection only under a read that waits: so one is begun.</summary>
    private static async ValueTask AbandonAsync(Stream stream)
    {
        using var now = new CancellationTokenSource();
        var rest = new byte[4 << 10];
        try
        {
            for (var buffered = 0; buffered < MaxBufferedReads; buffered++)
            {
                var read = stream.ReadAsync(rest, now.Token);
                if (!read.IsCompleted) await now.CancelAsync().ConfigureAwait(false);
                if (await read.ConfigureAwait(false) == 0) return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        {
            // Closed, by us or before us: what was wanted.
        }
    }

    /// <summary>The data of the next event, or null after a good end.</summary>
    private static async ValueTask<string?> NextAsync(IAsyncEnumerator<string> events, OpenChoices open, string? id, CancellationToken cancellation)
    {
        try
        {
            if (await events.MoveNextAsync().ConfigureAwait(false)) return events.Current == Sse.Done ? null : events.Current;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellation.IsCancellationRequested)
        {
            throw new StreamBrokenException("The connection broke in the middle of the stream.", e) { RequestId = id };
        }
        catch (InvalidDataException e)
        {
            throw new StreamBrokenException(e.Message, e) { RequestId = id };
        }

        return open.AllFinished ? null : throw new StreamBrokenException("The stream ended before the answer did.") { RequestId = id };
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body, HttpCompletionOption until, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan? wait;
            try
            {
                var response = await AttemptAsync(method, path, body, attempt, until, cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) return response;
                using (response)
                {
                    wait = _backoff.AskedWait(response.Headers);
                    if (attempt >= _options.MaxRetries || !Backoff.MayRetry(response) || wait > Backoff.LongestWait)
                        throw await ErrorReader.ReadAsync(response, wait, cancellation).ConfigureAwait(false);
                }
            }
            catch (ConnectionFailedException) when (attempt < _options.MaxRetries)
            {
                wait = null;
            }

            await Task.Delay(wait ?? _backoff.Jittered(attempt), _options.TimeProvider, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> AttemptAsync(HttpMethod method, string path, byte[]? body, int attempt, HttpCompletionOption until, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, path));
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (_options.ApiKey is { } key) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (attempt > 0) request.Headers.Add("x-stainless-retry-count", $"{attempt}");
        using var timer = new CancellationTokenSource(_options.Timeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            return await _http.SendAsync(request, until, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ConnectionFailedException($"{path} did not answer within {_options.Timeout}.", e);
        }
        catch (HttpRequestException e)
        {
            throw new ConnectionFailedException($"{path} at {_root.Authority} could not be asked: {e.Message}", e);
        }
    }
}
