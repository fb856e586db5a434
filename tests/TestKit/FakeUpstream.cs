using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gateway.TestKit;

/// <summary>A server on loopback that answers by script: each request takes the next answer, and the last one serves for all that follow.</summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private Func<HttpContext, Task>? _last;

    private FakeUpstream(WebApplication app) => _app = app;

    /// <summary>Its address, without a path.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>What came in, in order.</summary>
    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <summary>Starts one on a free port.</summary>
    public static async Task<FakeUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var upstream = new FakeUpstream(builder.Build());
        upstream._app.Run(upstream.AnswerAsync);
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>Answers by code.</summary>
    public FakeUpstream Then(Func<HttpContext, Task> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>Answers with a body.</summary>
    public FakeUpstream ThenJson(int status, string body, params (string Name, string Value)[] headers) => Then(async http =>
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        await http.Response.WriteAsync(body);
    });

    /// <summary>Answers with a stream of exactly these bytes, each text flushed.</summary>
    public FakeUpstream ThenStream(params string[] pieces) => Then(async http =>
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers["x-request-id"] = "req_stream";
        foreach (var piece in pieces)
        {
            await http.Response.WriteAsync(piece);
            await http.Response.Body.FlushAsync();
        }
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        _received.Enqueue(new ReceivedRequest(http.Request.Method, target, headers, await reader.ReadToEndAsync(http.RequestAborted)));
        if (_script.TryDequeue(out var next)) _last = next;
        await (_last ?? throw new InvalidOperationException("The fake upstream has no script."))(http);
    }
}

/// <summary>A request as it came over the wire.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query, not decoded.</param>
/// <param name="Headers">By name, without regard to case.</param>
/// <param name="Body">As text.</param>
public sealed record ReceivedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
