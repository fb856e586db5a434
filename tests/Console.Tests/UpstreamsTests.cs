using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Upstreams, as they stand.</summary>
public class UpstreamsTests(Browser browser)
{
    [Fact]
    public async Task The_view_turns_by_itself_when_an_upstream_fails()
    {
        await using var console = await OpenConsole.OpenAsync(browser, new { AllowAnonymous = true });
        console.Upstream.ThenJson(500, "{}");
        await console.SignInAsync("upstreams");
        var card = console.Page.Locator(".upstream", new() { HasText = "east" });
        await Expect(card.Locator("header .pill")).ToHaveTextAsync("up");

        using var failed = await console.Http.PostAsync("v1/chat/completions", new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", System.Text.Encoding.UTF8, "application/json"));

        ((int)failed.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        await Expect(card.Locator("header .pill")).ToHaveTextAsync("breaker open", new() { Timeout = 60_000 });
        await Expect(card.Locator("tbody tr").First).ToContainTextAsync("http_500");
        (await console.Page.ContentAsync()).ShouldNotContain("sk-of-the-upstream");
        console.ShouldBeQuiet();
    }
}
