using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Charts say what the API says.</summary>
public class UsageTests(Browser browser)
{
    [Fact]
    public async Task Charts_tables_and_totals_have_the_numbers_of_the_api()
    {
        await using var console = await OpenConsole.OpenAsync(browser, new { AllowAnonymous = true });
        console.Upstream.ThenJson(200, Answers.Plain).ThenJson(200, Answers.Plain).ThenJson(200, Answers.Plain).ThenJson(400, "{}");
        for (var call = 0; call < 4; call++) (await console.Http.PostAsync("v1/chat/completions", new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"))).Dispose();
        await Retry.UntilAsync(async () => (await console.AdminAsync(HttpMethod.Get, "usage?outcome=ok&outcome=refused")).GetProperty("data").GetArrayLength() == 4);
        var page = console.Page;
        await console.SignInAsync("usage");

        await Expect(Total(page, "Calls")).ToHaveTextAsync("4");
        await Expect(Total(page, "Tokens read")).ToHaveTextAsync("33");
        await Expect(Total(page, "Tokens made")).ToHaveTextAsync("21");
        await Expect(Total(page, "Cost")).ToHaveTextAsync("0.075");
        await Expect(Total(page, "Errors")).ToHaveTextAsync("1");
        (await SumAsync(page, "Calls")).ShouldBe(4);
        (await SumAsync(page, "Tokens")).ShouldBe(54);
        (await SumAsync(page, "Cost")).ShouldBe(0.075m);
        (await SumAsync(page, "Errors")).ShouldBe(1);

        await page.GetByLabel("Parted by").SelectOptionAsync("model");
        await Expect(Chart(page, "Calls").Locator(".legend li")).ToHaveTextAsync(["m"]);
        await Chart(page, "Calls").Locator("svg").FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(Chart(page, "Calls").Locator(".tip")).ToContainTextAsync("m 4");
        await page.Keyboard.PressAsync("Escape");
        await Expect(Chart(page, "Calls").Locator(".tip")).ToBeHiddenAsync();
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task Charts_are_parted_by_key_team_and_model_between_dates_and_say_their_numbers_to_pointer_and_keyboard()
    {
        await using var console = await OpenConsole.OpenAsync(browser, new { Keys = new[] { new { Name = "alpha", Key = "sk-of-alpha-0001", Team = "red" }, new { Name = "beta", Key = "sk-of-beta-00001", Team = "blue" } } });
        console.Upstream.ThenJson(200, Answers.Plain);
        foreach (var key in (string[])["sk-of-alpha-0001", "sk-of-alpha-0001", "sk-of-beta-00001"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Headers = { { "Authorization", "Bearer " + key } }, Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json") };
            (await console.Http.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();
        }

        await Retry.UntilAsync(async () => (await console.AdminAsync(HttpMethod.Get, "usage?outcome=ok")).GetProperty("data").GetArrayLength() == 3);
        var page = console.Page;
        await console.SignInAsync("usage");
        var chart = Chart(page, "Calls");
        await page.GetByLabel("Time", new() { Exact = true }).SelectOptionAsync("own");
        await page.GetByLabel("From", new() { Exact = true }).FillAsync(Day(-6));
        await page.GetByLabel("To, with that day").FillAsync(Day(0));
        await Expect(chart.Locator("tbody tr")).ToHaveCountAsync(7); // a bar a day
        foreach (var (group, names) in ((string, string[])[])[("team", ["red", "blue"]), ("model", ["m"]), ("key", ["alpha", "beta"])])
        {
            await page.GetByLabel("Parted by").SelectOptionAsync(group);
            await Expect(chart.Locator(".legend li")).ToHaveTextAsync(names);
            (await SumAsync(page, "Calls", last: true)).ShouldBe(3);
        }

        await chart.Locator(".bucket").Last.Locator(".slot").HoverAsync(new() { Force = true });
        await Expect(chart.Locator(".tip")).ToContainTextAsync("alpha 2");
        await Expect(chart.Locator(".tip")).ToContainTextAsync("in all 3");
        await Pictures.TakeAsync(page, "usage");
        await page.Mouse.MoveAsync(0, 0);
        await Expect(chart.Locator(".tip")).ToBeHiddenAsync();
        await chart.Locator("svg").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Expect(chart.Locator(".tip")).ToContainTextAsync("alpha 2");
        await Expect(page.Locator("#said")).ToContainTextAsync("alpha 2, beta 1");

        await page.GetByLabel("To, with that day").FillAsync(Day(-9));
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The first day must not be later than the last.");
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_call_from_the_playground_is_the_consoles_own()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        console.Upstream.ThenStream(Answers.Stream("Hello"));
        await console.SignInAsync();
        await console.Page.GetByLabel("Message").FillAsync("Hi");
        await console.Page.Keyboard.PressAsync("Enter");
        await Expect(console.Page.Locator(".turn.assistant .facts")).ToContainTextAsync("in all");

        await Retry.UntilAsync(async () => (await console.AdminAsync(HttpMethod.Get, "usage?key=console&outcome=ok")).GetProperty("data").GetArrayLength() == 1);
    }

    [Fact]
    public async Task An_axis_has_a_handful_of_round_numbers_that_cover_its_values()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        await console.Page.GotoAsync(console.Address.ToString());

        foreach (var (most, wholes, steps) in ((double, bool, string)[])[(4, true, "0,1,2,3,4"), (54, true, "0,20,40,60"), (0, true, "0,1"), (1, true, "0,1"), (0.075, false, "0,0.02,0.04,0.06,0.08"), (987_654, true, "0,200000,400000,600000,800000,1000000")])
            (await console.Page.EvaluateAsync<string>("([most, wholes]) => import('/console/ticks.js').then(({ ticks }) => ticks(most, 5, wholes).join())", new object[] { most, wholes })).ShouldBe(steps);
        console.ShouldBeQuiet();
    }

    private static string Day(int from) => TimeProvider.System.GetUtcNow().AddDays(from).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static ILocator Total(IPage page, string title) => page.Locator(".totals > div", new() { Has = page.GetByText(title, new() { Exact = true }) }).Locator("dd");

    private static ILocator Chart(IPage page, string title) => page.GetByRole(AriaRole.Region, new() { Name = title, Exact = true });

    // Of the table, which a screen reader reads; the bars are drawn from the same list.
    private static async Task<decimal> SumAsync(IPage page, string title, bool last = false)
    {
        var cells = await Chart(page, title).Locator(last ? "tbody td:last-child" : "tbody td").AllTextContentsAsync();
        return cells.Sum(text => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture));
    }
}
