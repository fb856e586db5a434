using System.Net;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Keys made and changed on the page are keys.</summary>
public class KeysTests(Browser browser)
{
    [Fact]
    public async Task A_key_is_made_shown_once_used_disabled_enabled_rotated_and_deleted()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        console.Upstream.ThenJson(200, Answers.Plain);
        await console.SignInAsync("keys");
        var page = console.Page;
        await Expect(page.GetByText("There is no key in the database yet.")).ToBeVisibleAsync();

        await Button(page, "Create a key").ClickAsync();
        await page.GetByLabel("Name").FillAsync("<b>team</b> a");
        await page.GetByLabel("Team").FillAsync("red");
        await page.GetByLabel("Calls per minute").FillAsync("60");
        await page.Keyboard.PressAsync("Enter");
        var secret = await page.GetByLabel("The key of <b>team</b> a").InputValueAsync();
        secret.ShouldStartWith("sk-");
        await Button(page, "Done").ClickAsync();

        var row = page.Locator("tbody tr");
        await Expect(row).ToHaveCountAsync(1);
        foreach (var text in (string[])["<b>team</b> a", "red", "inference", "60 calls/min", "never", "active"]) await Expect(row).ToContainTextAsync(text);
        (await page.ContentAsync()).ShouldNotContain(secret);
        (await CallAsync(console, secret)).ShouldBe(HttpStatusCode.OK);

        await Button(page, "Disable").ClickAsync();
        await Expect(row).ToContainTextAsync("disabled");
        (await CallAsync(console, secret)).ShouldBe(HttpStatusCode.Unauthorized);
        await Button(page, "Enable").ClickAsync();
        await Expect(row).ToContainTextAsync("active");
        (await CallAsync(console, secret)).ShouldBe(HttpStatusCode.OK);

        await Button(page, "Rotate").ClickAsync();
        await page.GetByLabel("Minutes that the old one goes on").FillAsync("0");
        await page.Keyboard.PressAsync("Enter");
        var second = await page.GetByLabel("The key of <b>team</b> a").InputValueAsync();
        await page.Keyboard.PressAsync("Escape");
        second.ShouldNotBe(secret);
        (await CallAsync(console, second)).ShouldBe(HttpStatusCode.OK);
        (await CallAsync(console, secret)).ShouldBe(HttpStatusCode.Unauthorized);

        await Button(page, "Delete").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(row).ToHaveCountAsync(1);
        await Button(page, "Delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        (await CallAsync(console, second)).ShouldBe(HttpStatusCode.Unauthorized);

        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("key.delete");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(5);
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task What_the_api_refuses_is_said_in_the_dialog_and_nothing_typed_is_lost()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        await console.SignInAsync("keys");
        var page = console.Page;
        await Button(page, "Create a key").ClickAsync();
        await page.GetByLabel("Name").FillAsync("b");
        await page.GetByLabel("inference: calls to models").UncheckAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToHaveTextAsync("Choose at least one scope.");
        await page.GetByLabel("inference: calls to models").CheckAsync();
        await page.GetByLabel("Models", new() { Exact = true }).FillAsync(string.Join(',', Enumerable.Range(0, 1_001).Select(i => $"m{i}")));
        await Button(page, "Create").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("(models)");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("b");
        console.ShouldBeQuiet("400 (Bad Request)");
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^{name}( <b>|$)") });

    private static async Task<HttpStatusCode> CallAsync(OpenConsole console, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await console.Http.SendAsync(request);
        return answer.StatusCode;
    }
}
