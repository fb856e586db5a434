using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Load.Door;

/// <summary>The other processes of a measurement: an upstream that answers at once, and YARP with nothing around it.</summary>
internal static class Servers
{
    private const string Answer = """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"The quick brown fox jumps over the lazy dog.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":10,"total_tokens":22}}""";
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes(Answer);
    internal static readonly byte[] Chunk = Encoding.UTF8.GetBytes("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    internal static readonly byte[] End = Encoding.UTF8.GetBytes("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");

    /// <summary>Streams <c>max_tokens</c> chunks, one each <c>seed</c> milliseconds, where a stream is asked for; else one answer.</summary>
    public static async Task UpstreamAsync()
    {
        var app = Build("http://0.0.0.0:0"); // at each address of loopback
        app.Run(async http =>
        {
            using var body = await System.Text.Json.JsonDocument.ParseAsync(http.Request.Body);
            var root = body.RootElement;
            if (!root.TryGetProperty("stream", out var stream) || !stream.GetBoolean())
            {
                http.Response.ContentType = "application/json";
                http.Response.ContentLength = Plain.Length;
                await http.Response.Body.WriteAsync(Plain);
                return;
            }

            var (tokens, pause) = (root.GetProperty("max_tokens").GetInt32(), root.GetProperty("seed").GetInt32());
            http.Response.ContentType = "text/event-stream";
            using var timer = pause > 0 ? new PeriodicTimer(TimeSpan.FromMilliseconds(pause)) : null;
            for (var i = 0; i < tokens; i++)
            {
                await http.Response.Body.WriteAsync(Chunk);
                await http.Response.Body.FlushAsync();
                if (timer is not null) await timer.WaitForNextTickAsync(http.RequestAborted);
            }

            await http.Response.Body.WriteAsync(End);
        });
        await RunAsync(app);
    }

    /// <summary>What YARP costs alone: the reference that the gateway is held against.</summary>
    /// <param name="upstream">Its address.</param>
    /// <param name="destinations">With connections of their own, which take turns, none after its neighbour; <c>/one</c> goes to the first.</param>
    /// <param name="onSocketThread">Whether what a socket says is served where it is heard, as the gateway does on one processor; the runtime's half of it is a variable.</param>
    public static async Task YarpAsync(string upstream, int destinations, bool onSocketThread)
    {
        var app = Build("http://127.0.0.1:0", static services => services.AddHttpForwarder(), onSocketThread);
        var turn = 0;
        var clients = Enumerable.Range(0, destinations)
            .Select(static _ => new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null })).ToArray();
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var config = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMinutes(5) };
        app.MapGet("/allocated", static () => GC.GetTotalAllocatedBytes());
        HttpMessageInvoker Next(HttpContext http) => http.Request.Path == "/one" ? clients[0] : clients[(uint)Interlocked.Increment(ref turn) * 617u % clients.Length];
        app.MapFallback(async http => await forwarder.SendAsync(http, upstream, Next(http), config));
        await RunAsync(app);
    }

    private static WebApplication Build(string address, Action<IServiceCollection>? services = null, bool onSocketThread = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address).UseSockets(sockets => sockets.UnsafePreferInlineScheduling = onSocketThread).ConfigureKestrel(static kestrel => kestrel.Limits.MaxConcurrentConnections = null);
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    private static async Task RunAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        await ((IHost)app).WaitForShutdownAsync();
    }
}
