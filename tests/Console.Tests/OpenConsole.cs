using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Gateway.Console.Tests;

/// <summary>The real gateway in this process, with a scripted upstream behind it, and a window that looks at it.</summary>
internal sealed class OpenConsole : IAsyncDisposable
{
    public const string Key = "sk-admin-of-this-test-0001";

    private readonly WebApplication app;
    private readonly TemporaryFolder folder;
    private readonly ConcurrentQueue<string> complaints = new();
    private readonly ConcurrentQueue<string> asked = new();

    private OpenConsole(WebApplication app, TemporaryFolder folder, FakeUpstream upstream, IBrowserContext window, IPage page)
    {
        (this.app, this.folder, Upstream, Window, Page) = (app, folder, upstream, window, page);
        Address = new Uri(app.Urls.First() + "/");
        Http = new HttpClient { BaseAddress = Address };
        Watch(page);
    }

    public Uri Address { get; }

    /// <summary>A client that is no browser.</summary>
    public HttpClient Http { get; }

    public FakeUpstream Upstream { get; }

    public IBrowserContext Window { get; }

    public IPage Page { get; }

    /// <summary>Errors of the page: of scripts, of its policy, of requests that failed.</summary>
    public IReadOnlyList<string> Complaints => [.. complaints];

    /// <summary>Hosts that the page asked for anything.</summary>
    public IReadOnlyList<string> Hosts => [.. asked.Distinct()];

    /// <param name="browser">Whose window.</param>
    /// <param name="settings">What stands under <c>Gateway</c>, beside an upstream <c>east</c> and its model <c>m</c>.</param>
    /// <param name="options">Of the window.</param>
    public static async Task<OpenConsole> OpenAsync(Browser browser, object? settings = null, BrowserNewContextOptions? options = null)
    {
        var window = await browser.WindowAsync(options);
        var (folder, upstream) = (new TemporaryFolder(), await FakeUpstream.StartAsync());
        var all = JsonSerializer.SerializeToNode(new
        {
            AdminKey = Key,
            Database = $"Data Source={folder.File("gateway.db")}",
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = "sk-of-the-upstream" } },
            Models = new { m = new { Targets = new[] { new { Upstream = "east" } }, Retries = 0, Breaker = new { Failures = 1, Break = "00:05:00" }, Price = new { InputPerMillion = 1_000, OutputPerMillion = 2_000 } } },
        })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(settings ?? new { })!.AsObject()) all[name] = value?.DeepClone();
        await File.WriteAllTextAsync(folder.File("gateway.json"), JsonSerializer.Serialize(new { Gateway = all }));
        string[] args = ["--config", folder.File("gateway.json"), "--urls", "http://127.0.0.1:0", "--Gateway:EmbeddedModel=false", "--Gateway:ModelsFolder=" + folder.File("models")];
        var (builder, read) = GatewayApp.Configure(args);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new Telemetry.MeterName($"Gateway.{Guid.NewGuid():N}"));
        var app = GatewayApp.Build(builder, args, read, []);
        await app.StartAsync();
        return new OpenConsole(app, folder, upstream, window, await window.NewPageAsync());
    }

    /// <summary>Opens a view, signed in.</summary>
    public async Task SignInAsync(string view = "playground")
    {
        await Page.GotoAsync($"{Address}#/{view}");
        await Page.GetByLabel("Admin key").FillAsync(Key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Page.Locator("#nav a").First.WaitForAsync();
    }

    /// <summary>A call of the admin API by the key itself.</summary>
    public async Task<JsonElement> AdminAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "admin/v1/" + path) { Headers = { { "Authorization", "Bearer " + Key } }, Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The page had nothing to complain of, but for what is named, and asked nobody else.</summary>
    public void ShouldBeQuiet(params string[] but) => ShouldBeQuietAt(Address.Authority, but);

    /// <summary>The same of a page on another port.</summary>
    public void ShouldBeQuietAt(string authority, params string[] but)
    {
        Complaints.Where(text => !but.Any(text.Contains)).ShouldBeEmpty();
        Hosts.ShouldBe([authority]);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Window.DisposeAsync();
        await app.StopAsync(); // what the page had asked for last is answered first
        await app.DisposeAsync();
        await Upstream.DisposeAsync();
        folder.Dispose();
    }

    // A policy that is broken says so in the console too.
    private void Watch(IPage page)
    {
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Enqueue($"{message.Text} {message.Location}");
        };
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Request += (_, request) => asked.Enqueue(new Uri(request.Url).Authority);
    }
}
