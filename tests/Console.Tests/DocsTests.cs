using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>The page that describes the admin API, and the console, on a port that administration has for itself.</summary>
public class DocsTests(Browser browser)
{
    [Fact]
    public async Task The_page_shows_an_operation_and_tries_it_under_its_own_policy()
    {
        var admin = $"127.0.0.1:{FreePort.Find()}";
        await using var console = await OpenConsole.OpenAsync(browser, new { AdminUrls = $"http://{admin}" }, new() { HttpCredentials = new() { Username = "me", Password = OpenConsole.Key }, ViewportSize = new() { Width = 1280, Height = 900 } });
        var page = console.Page;
        var policy = (await page.GotoAsync($"http://{admin}/admin/v1/docs/"))!.Headers["content-security-policy"];
        policy.ShouldMatch("default-src 'self'; script-src 'self' 'nonce-[A-Za-z0-9_-]{16,}';");

        var operation = page.GetByRole(AriaRole.Region, new() { NameRegex = new("^Lists upstreams") }).First;
        await Expect(operation.GetByRole(AriaRole.Heading, new() { NameRegex = new("^Lists upstreams") })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "get /admin/v1/queues" })).ToBeAttachedAsync();
        await page.GetByLabel("Bearer Token").FillAsync(OpenConsole.Key);
        await operation.GetByRole(AriaRole.Button, new() { NameRegex = new("^Test Request") }).ClickAsync();
        var client = page.GetByRole(AriaRole.Dialog);
        var answered = page.WaitForResponseAsync(answer => answer.Url.EndsWith("/admin/v1/upstreams", StringComparison.Ordinal));
        await client.GetByRole(AriaRole.Button, new() { NameRegex = new("^Send") }).First.ClickAsync();

        (await answered).Status.ShouldBe(200);
        await Expect(client.GetByText("east").First).ToBeVisibleAsync();
        await Pictures.TakeAsync(page, "docs");
        console.ShouldBeQuietAt(admin);
    }

    [Fact]
    public async Task The_console_works_on_a_port_of_its_own()
    {
        var admin = $"127.0.0.1:{FreePort.Find()}";
        await using var console = await OpenConsole.OpenAsync(browser, new { AdminUrls = $"http://{admin}" });
        console.Upstream.ThenStream(Answers.Stream("Hello"));
        var page = console.Page;
        var policy = (await page.GotoAsync($"http://{admin}/#/playground"))!.Headers["content-security-policy"];
        policy.ShouldContain("default-src 'none'");
        policy.ShouldNotContain("unsafe");

        await page.GetByLabel("Admin key").FillAsync(OpenConsole.Key);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Model")).ToHaveValueAsync("m");
        await page.GetByLabel("Message").FillAsync("Hi");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".turn.assistant > .text")).ToHaveTextAsync("Hello");
        await page.GetByRole(AriaRole.Link, new() { Name = "Upstreams" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Queues" })).ToBeVisibleAsync();
        (await console.Http.GetAsync("", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound); // the public one has no page
        console.ShouldBeQuietAt(admin);
    }
}
