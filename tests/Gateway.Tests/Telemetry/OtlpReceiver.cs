using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Telemetry;

/// <summary>What a collector takes, over HTTP with protobuf or over gRPC without TLS. It keeps the bytes and understands none of them.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Path, string Key, string Text)> received = new();

    private OtlpReceiver(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>All that came, in order: where to, the header <c>x-otlp-key</c>, and the body with every byte as a character.</summary>
    public IReadOnlyList<(string Path, string Key, string Text)> Received => [.. received];

    public static async Task<OtlpReceiver> StartAsync(bool grpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver.app.Run(http => receiver.TakeAsync(http, grpc));
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the texts of one signal hold all of <paramref name="parts"/>, which may come one export after another.</summary>
    public async Task UntilAsync(string path, params string[] parts)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var text = string.Concat(received.Where(one => one.Path == path).Select(one => one.Text));
            var missing = parts.Where(part => !text.Contains(part, StringComparison.Ordinal)).ToList();
            if (missing.Count == 0) return;
            limit.IsCancellationRequested.ShouldBeFalse($"{string.Join(", ", missing)} did not come: {string.Join(' ', received.Select(one => one.Path))}");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task TakeAsync(HttpContext http, bool grpc)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        received.Enqueue((http.Request.Path, http.Request.Headers["x-otlp-key"].ToString(), Encoding.Latin1.GetString(body.ToArray())));
        if (!grpc)
        {
            http.Response.ContentType = "application/x-protobuf"; // an empty answer: all was taken
            return;
        }

        http.Response.ContentType = "application/grpc";
        http.Response.DeclareTrailer("grpc-status");
        await http.Response.Body.WriteAsync(new byte[5]); // one message, not compressed, of no length
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
