using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Gateway.Console.Tests.Browser))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)] // one browser at a time is enough for a small machine

namespace Gateway.Console.Tests;

/// <summary>Debian's chromium, for all tests; it reaches nothing but loopback. Where it is absent each test says so and is counted as skipped.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Array.Find(Places, File.Exists) is not { } program) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            // Names are resolved nowhere: what is not an address of loopback cannot be reached.
            Args = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", "--disable-background-networking"],
        });
    }

    /// <summary>A window of its own, with no cookies.</summary>
    public async Task<IBrowserContext> WindowAsync(BrowserNewContextOptions? options = null)
    {
        if (browser is null) Assert.Skip("needs chromium, at " + string.Join(" or ", Places));
        var window = await browser!.NewContextAsync(options);
        window.SetDefaultTimeout(60_000);
        return window;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
