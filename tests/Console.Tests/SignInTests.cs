using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Who gets in, and what a script can see of it.</summary>
public class SignInTests(Browser browser)
{
    [Fact]
    public async Task A_wrong_key_is_told_and_a_right_one_opens_what_was_asked_for()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        var page = console.Page;
        await page.GotoAsync($"{console.Address}#/upstreams");
        await page.GetByLabel("Admin key").FillAsync("sk-this-is-not-the-key-000");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Incorrect API key provided");
        await page.GetByLabel("Admin key").FillAsync(OpenConsole.Key);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Upstreams");
        await Expect(page.Locator("#who")).ToHaveTextAsync("admin");
        console.ShouldBeQuiet("401 (Unauthorized)"); // the wrong key's
    }

    [Fact]
    public async Task The_session_is_out_of_scripts_reach_and_lasts_over_a_reload_until_it_is_ended()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        await console.SignInAsync();
        var cookie = (await console.Window.CookiesAsync([new Uri(console.Address, "admin/v1/session").ToString()])).ShouldHaveSingleItem();

        cookie.ShouldSatisfyAllConditions(c => c.HttpOnly.ShouldBeTrue(), c => c.SameSite.ShouldBe(SameSiteAttribute.Strict), c => c.Path.ShouldBe("/admin/v1"));
        cookie.Value.ShouldNotContain(OpenConsole.Key);
        (await console.Page.EvaluateAsync<string>("document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")).ShouldNotContain(OpenConsole.Key);
        (await console.Page.EvaluateAsync<string>("document.cookie")).ShouldBeEmpty();
        await console.Page.ReloadAsync();
        await Expect(console.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Playground");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(console.Page.GetByLabel("Admin key")).ToBeVisibleAsync();
        using var kept = new HttpRequestMessage(HttpMethod.Get, "admin/v1/upstreams") { Headers = { { "Cookie", $"{cookie.Name}={cookie.Value}" } } };
        using var answer = await console.Http.SendAsync(kept);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized); // who copied the cookie has nothing of it
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task Without_any_key_this_machines_browser_needs_none()
    {
        await using var console = await OpenConsole.OpenAsync(browser, new { AdminKey = (string?)null });
        await console.Page.GotoAsync(console.Address.ToString());

        await Expect(console.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Playground");
        await Expect(console.Page.Locator("#who")).ToHaveTextAsync("this machine");
        await Expect(console.Page.GetByLabel("Model")).ToHaveValueAsync("m");
        console.ShouldBeQuiet();
    }

    [Fact]
    public async Task A_key_that_is_revoked_ends_the_session_that_it_began()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        var key = await console.AdminAsync(HttpMethod.Post, "keys", new { name = "ops", scopes = new[] { "admin" } });
        await console.Page.GotoAsync($"{console.Address}#/upstreams");
        await console.Page.GetByLabel("Admin key").FillAsync(key.GetProperty("key").GetString()!);
        await console.Page.Keyboard.PressAsync("Enter");
        await Expect(console.Page.Locator("#who")).ToHaveTextAsync("ops");

        await console.AdminAsync(HttpMethod.Delete, "keys/" + key.GetProperty("id").GetString());

        await Expect(console.Page.GetByText("The session is over. Sign in again.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task A_page_of_another_origin_changes_nothing_with_the_sessions_cookie()
    {
        await using var console = await OpenConsole.OpenAsync(browser);
        await using var elsewhere = await FakeUpstream.StartAsync();
        elsewhere.Then(http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.Body.WriteAsync("<!doctype html><title>elsewhere</title>"u8.ToArray()).AsTask();
        });
        await console.SignInAsync();
        var page = await console.Window.NewPageAsync();
        await page.GotoAsync(elsewhere.Address.ToString()); // another port of the same host: the same site to a cookie

        var status = await page.EvaluateAsync<string>("""
            async (address) => {
              const ask = async (headers) => { try { return String((await fetch(address + "admin/v1/keys", { method: "POST", credentials: "include", mode: headers ? "cors" : "no-cors", headers, body: '{"name":"evil","scopes":["admin"]}' })).status); } catch (e) { return "unreadable"; } };
              return [await ask(null), await ask({ "content-type": "application/json" }), await ask({ "x-gateway-csrf": "guessed" })].join();
            }
            """, console.Address.ToString());

        status.ShouldNotContain("200");
        (await console.AdminAsync(HttpMethod.Get, "keys")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }
}
