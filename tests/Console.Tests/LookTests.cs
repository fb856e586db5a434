using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>For everybody: by keyboard alone, in both schemes, on a small screen, and by what an accessibility checker finds.</summary>
public class LookTests(Browser browser)
{
    private static readonly string[] Views = ["playground", "keys", "usage", "upstreams", "audit"];

    [Fact]
    public async Task The_main_path_needs_no_pointer()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        console.Upstream.ThenStream(Answers.Stream("Hello"));
        var (page, keys) = (console.Page, console.Page.Keyboard);
        await page.GotoAsync(console.Address.ToString());
        await Expect(page.GetByLabel("Admin key")).ToBeFocusedAsync();
        await keys.TypeAsync(OpenConsole.Key);
        await keys.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeFocusedAsync();
        await Expect(page.GetByLabel("Model")).ToHaveValueAsync("m");

        await ReachAsync(page, "question");
        await keys.TypeAsync("Hi");
        await keys.PressAsync("Enter");
        await Expect(page.Locator(".turn.assistant > .text")).ToHaveTextAsync("Hello");
        await Expect(page.GetByLabel("Message")).ToBeFocusedAsync();

        await page.EvaluateAsync("document.activeElement.blur()");
        await page.GotoAsync($"{console.Address}#/playground");
        await page.ReloadAsync();
        await Expect(page.Locator("#nav a").First).ToBeVisibleAsync();
        await keys.PressAsync("Tab");
        await Expect(page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await keys.PressAsync("Shift+Tab");
        await keys.PressAsync("Shift+Tab");
        await keys.PressAsync("Shift+Tab"); // over the scheme and the way out, to the last view
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Audit" })).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Audit");
        console.ShouldBeQuiet();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task No_view_has_a_serious_fault_or_is_wider_than_its_screen(ColorScheme scheme, int width)
    {
        // Checked without the page's own policy, which forbids what the checker does.
        await using var console = await OpenConsole.OpenAsync(browser, new { AllowAnonymous = true }, new() { ColorScheme = scheme, BypassCSP = true, ViewportSize = new() { Width = width, Height = 800 }, ReducedMotion = ReducedMotion.Reduce });
        console.Upstream.ThenJson(200, Answers.Plain);
        await console.AdminAsync(HttpMethod.Post, "keys", new { name = "a rather long name of a key", team = "red", requests_per_minute = 60, budget_per_month = 20 });
        await console.Page.GotoAsync(console.Address.ToString());
        await Expect(console.Page.GetByLabel("Admin key")).ToBeVisibleAsync();
        await CheckAsync(console.Page, "sign in");
        await console.SignInAsync();

        foreach (var view in Views)
        {
            await console.Page.GotoAsync($"{console.Address}#/{view}");
            await Expect(console.Page.Locator($".view.{view}")).ToBeVisibleAsync();
            await console.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await CheckAsync(console.Page, view);
        }

        await console.Page.GotoAsync($"{console.Address}#/keys");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Create a key" }).ClickAsync();
        await CheckAsync(console.Page, "dialog");
    }

    [Fact]
    public async Task The_scheme_is_the_systems_until_another_is_chosen_which_lasts()
    {
        await using var console = await OpenConsole.OpenAsync(browser, options: new() { ColorScheme = ColorScheme.Dark });
        var page = console.Page;
        await page.GotoAsync(console.Address.ToString());
        var dark = await BackgroundAsync(page);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        var light = await BackgroundAsync(page);
        light.ShouldNotBe(dark);

        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: system" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" }).ClickAsync();
        (await BackgroundAsync(page)).ShouldBe(dark);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: dark" })).ToBeVisibleAsync();
        (await BackgroundAsync(page)).ShouldBe(dark);
    }

    private static async Task ReachAsync(IPage page, string name)
    {
        for (var presses = 0; presses < 30; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string?>("document.activeElement.name ?? null") == name) return;
        }

        Assert.Fail($"No number of tabs reaches {name}");
    }

    private static async Task CheckAsync(IPage page, string what)
    {
        var found = await page.RunAxe();
        found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {string.Join(" ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty(what);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0, what);
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
