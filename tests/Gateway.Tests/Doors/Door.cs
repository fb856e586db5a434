using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Routing;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Doors;

/// <summary>The gateway itself in this process, on a port of its own, with settings in a file of its own.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TemporaryFolder folder;

    private Door(WebApplication app, TemporaryFolder folder, RecordedLog log)
    {
        (this.app, this.folder, Log) = (app, folder, log);
        Address = new Uri(app.Urls.First() + "/");
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5), SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is { Subject: "CN=localhost" } } }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>All that it said.</summary>
    public RecordedLog Log { get; }

    public IServiceProvider Services => app.Services;

    /// <summary>The file of its settings.</summary>
    public string SettingsFile => Path.Combine(folder.Path, "gateway.json");

    /// <summary>Writes other settings, which are in force soon.</summary>
    /// <param name="gateway">What stands under <c>Gateway</c>.</param>
    public Task WriteSettingsAsync(object gateway) => WriteSettingsAsync(SettingsFile, gateway);

    /// <summary>Writes other settings and reads them at once.</summary>
    /// <returns>Whether they are in force.</returns>
    public async Task<bool> ReloadAsync(object gateway)
    {
        await WriteSettingsAsync(gateway);
        return await Services.GetRequiredService<SettingsReload>().ReloadAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>One of a model's targets, as routing knows it now.</summary>
    public Target Target(string model, string upstream) => Services.GetRequiredService<LiveSettings>().Current.Catalogue.Find(model)!.Targets.First(target => target.Upstream.Name == upstream);

    /// <param name="gateway">What stands under <c>Gateway</c>.</param>
    /// <param name="services">Replaces parts.</param>
    /// <param name="arguments">Besides; of two alike the last counts.</param>
    public static async Task<Door> OpenAsync(object gateway, Action<IServiceCollection>? services = null, params string[] arguments)
    {
        var folder = new TemporaryFolder();
        var log = new RecordedLog();
        await WriteSettingsAsync(Path.Combine(folder.Path, "gateway.json"), gateway);
        string[] args = ["--config", Path.Combine(folder.Path, "gateway.json"), "--urls", "http://127.0.0.1:0", "--Gateway:EmbeddedModel=false", "--Gateway:Usage:Enabled=false", "--Gateway:ModelsFolder=" + Directory.CreateDirectory(Path.Combine(folder.Path, "models")).FullName, .. arguments];
        var (builder, options) = GatewayApp.Configure(args);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(new MeterName($"Gateway.{Guid.NewGuid():N}")); // doors of other tests stand in this process too
        services?.Invoke(builder.Services);
        var app = GatewayApp.Build(builder, args, options, []);
        await app.StartAsync();
        return new Door(app, folder, log);
    }

    /// <summary>One model, served by these.</summary>
    public static Task<Door> OpenAsync(string model, object settings, params Uri[] upstreams) => OpenAsync(new
    {
        Upstreams = upstreams.Index().ToDictionary(entry => $"u{entry.Index}", entry => new { Address = new Uri(entry.Item, "v1").ToString(), ApiKey = "sk-of-the-upstream" }),
        Models = new Dictionary<string, JsonElement> { [model] = Merged(new { Targets = upstreams.Index().Select(entry => new { Upstream = $"u{entry.Index}", Model = "there", Order = entry.Index }) }, settings) },
    });

    public Task<HttpResponseMessage> ChatAsync(string model, bool stream = false, string more = "") =>
        Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Body(model, stream, more) }, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    public static StringContent Body(string model, bool stream = false, string more = "") =>
        new($$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}],"stream":{{(stream ? "true" : "false")}}{{more}}}""", Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
        folder.Dispose();
    }

    private static Task WriteSettingsAsync(string file, object gateway) => File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { Gateway = gateway }), TestContext.Current.CancellationToken);

    private static JsonElement Merged(object a, object b)
    {
        var merged = JsonSerializer.SerializeToNode(a)!.AsObject();
        foreach (var (key, value) in JsonSerializer.SerializeToNode(b)!.AsObject()) merged[key] = value?.DeepClone();
        return JsonSerializer.SerializeToElement(merged);
    }
}
