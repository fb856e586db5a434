using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Policies;
using Gateway.Pulling;
using Gateway.ResponseCache;
using Gateway.Routing;
using Gateway.Storage;
using Gateway.StoredCompletions;
using Gateway.Telemetry;
using Gateway.Usage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.StoredCompletions;

/// <summary>The gateway's routes on a real Kestrel, its worker a fake that answers by script, its database a real one.</summary>
internal sealed class StoringGateway : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpMessageInvoker toUpstream = new(new SocketsHttpHandler());

    private StoringGateway(FakeUpstream upstream, GatewayOptions options, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpForwarder().AddRouting();
        var model = new LocalModel("tiny", "/m", new ModelOptions { Aliases = ["gpt-*"] }, 0);
        var pool = new LocalWorkerPool(time, NullLogger<LocalWorkerPool>.Instance, new HubModels(options, time, NullLogger<HubModels>.Instance))
        {
            StartWith = _ => new FakeWorker((request, cancellation) =>
            {
                request.RequestUri = new Uri(upstream.Address, request.RequestUri!.PathAndQuery);
                return toUpstream.SendAsync(request, cancellation);
            }).BecomeReady(),
        };
        builder.Services.AddSingleton(options).AddSingleton(time).AddSingleton(pool).AddSingleton<Router>().AddSingleton(new RetryBudget(time)).AddMetrics().AddSingleton(new MeterName($"Gateway.{Guid.NewGuid():N}")).AddSingleton(new MetricLabels()).AddSingleton<GatewayMetrics>().AddSingleton<Farewell>().AddSingleton<Forwarder>().AddSingleton<ForwardApi>();
        builder.Services.AddSingleton(new LiveSettings(new GatewaySnapshot(options, new CatalogueBuilder(pool, new UpstreamConnections(new NameResolver()), time).Build(options, [model]))));
        UsageSetup.Add(builder.Services, options);
        PoliciesSetup.Add(builder.Services, options);
        CacheSetup.Add(builder.Services, options);
        builder.Services.AddSingleton<Database>().AddSingleton<CompletionQueue>().AddSingleton<CompletionStore>().AddSingleton<Recording>().AddSingleton<Retention>();
        app = builder.Build();
        app.UseMiddleware<CallMiddleware>();
        ForwardApi.Map(app);
        StoredCompletionApi.Map(app);
    }

    public HttpClient Http { get; private set; } = null!;

    public Lines Log { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<StoringGateway> StartAsync(FakeUpstream upstream, string database, StoredCompletionOptions? stored = null, TimeProvider? time = null)
    {
        var gateway = new StoringGateway(upstream, new GatewayOptions { Database = database, StoredCompletions = stored ?? new StoredCompletionOptions { Enabled = true }, Usage = new UsageOptions { Enabled = false } }, time ?? TimeProvider.System);
        await gateway.app.StartAsync(Cancellation);
        gateway.Http = new HttpClient { BaseAddress = new Uri(gateway.app.Urls.First() + "/v1/chat/") };
        return gateway;
    }

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Asks for a chat completion; the fields begin with a comma.</summary>
    public async Task<string> ChatAsync(string fields, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await Http.PostAsync("completions", Body($$"""{"model":"tiny","messages":[{"role":"user","content":"secret prompt"}]{{fields}}}"""), Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(expected, text);
        return text;
    }

    public async Task<JsonNode> AskAsync(HttpMethod method, string path, string? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Body(body) };
        using var response = await Http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(expected, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonNode.Parse(text)!;
    }

    public Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => AskAsync(HttpMethod.Get, path, null, expected);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        toUpstream.Dispose();
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>Everything that was logged.</summary>
    internal sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> lines = new();

        public string Text => string.Join('\n', lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
