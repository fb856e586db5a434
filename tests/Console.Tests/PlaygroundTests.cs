using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Calls made from the page.</summary>
public class PlaygroundTests(Browser browser)
{
    [Fact]
    public async Task An_answer_streams_with_its_thoughts_apart_and_markup_stays_text()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        console.Upstream.ThenStream(Answers.Stream("Hello ", Answers.Markup));
        await console.SignInAsync();
        var page = console.Page;
        await page.GetByLabel("System prompt").FillAsync("Be brief.");
        await page.GetByLabel("Temperature").FillAsync("0.5");
        await page.GetByLabel("Most tokens").FillAsync("50");
        await page.GetByLabel("Message").FillAsync("Hi!");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(".turn.assistant > .text")).ToHaveTextAsync("Hello " + Answers.Markup);
        await Expect(page.Locator(".thoughts .text")).ToHaveTextAsync("Let me think.");
        await Expect(page.Locator(".turn.assistant .facts")).ToContainTextAsync("11 tokens read, 7 made");
        await Expect(page.Locator(".turn.assistant .facts")).ToContainTextAsync("tokens/s");
        await Expect(page.Locator(".turn.assistant .facts")).ToContainTextAsync("from east");
        (await page.Locator("main img, main script").CountAsync()).ShouldBe(0);
        (await page.TitleAsync()).ShouldBe("Playground · Gateway console");
        var sent = JsonNode.Parse(console.Upstream.Received.ShouldHaveSingleItem().Body)!;
        sent["temperature"]!.GetValue<double>().ShouldBe(0.5);
        sent["max_tokens"]!.GetValue<int>().ShouldBe(50);
        sent["messages"]!.ToJsonString().ShouldBe("""[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi!"}]""");
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task Stop_ends_the_call_upstream_too_and_what_came_stays()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        console.Upstream.Then(http => Answers.EndlessAsync(http, left));
        await console.SignInAsync();
        await console.Page.GetByLabel("Message").FillAsync("Count.");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(console.Page.Locator(".turn.assistant > .text")).ToHaveTextAsync("It begins");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();

        await Expect(console.Page.Locator(".turn.assistant .notice")).ToHaveTextAsync("Stopped.");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Expect(console.Page.GetByLabel("Message")).ToBeFocusedAsync();
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_refusal_is_shown_as_the_gateway_said_it()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        console.Upstream.ThenJson(400, """{"error":{"message":"<b>No</b> such thing","type":"invalid_request_error","param":"temperature","code":"bad"}}""");
        await console.SignInAsync();
        await console.Page.GetByLabel("Message").FillAsync("Hi");
        await console.Page.Keyboard.PressAsync("Enter");

        var notice = console.Page.Locator(".turn.assistant .notice");
        await Expect(notice).ToContainTextAsync("<b>No</b> such thing");
        await Expect(notice).ToContainTextAsync("status 400 · bad · parameter temperature · request ");
        console.ShouldBeQuiet("400 (Bad Request)");
    }

    [Fact]
    public async Task The_same_call_is_copied_for_a_shell_without_any_key()
    {
        await using var console = await OpenConsole.OpenAsync(browser, options: new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await console.SignInAsync();
        await Expect(console.Page.GetByLabel("Model")).ToHaveValueAsync("m");
        await console.Page.GetByLabel("Message").FillAsync("It's me");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Copy as curl" }).ClickAsync();
        await Expect(console.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();

        var text = await console.Page.EvaluateAsync<string>("navigator.clipboard.readText()");

        text.ShouldStartWith($"curl -N '{console.Address}v1/chat/completions'");
        text.ShouldContain("Bearer $GATEWAY_KEY");
        text.ShouldContain(@"It'\''s me");
        text.ShouldNotContain(OpenConsole.Key);
        console.ShouldBeQuiet();
    }
}
