using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Console.Tests;

/// <summary>Who runs and who waits, while they do.</summary>
public class QueuesTests(Browser browser)
{
    private const string Greedy = "sk-of-the-greedy-one";
    private const string Modest = "sk-of-the-modest-one";

    private static readonly object Settings = new
    {
        AllowAnonymous = true,
        Keys = new object[]
        {
            new { Name = "<i>greedy</i>", Key = Greedy, Team = "red", MaxConcurrent = 2, QueueTimeout = "00:05:00", Priority = 3 },
            new { Name = "modest", Key = Modest },
        },
    };

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Lines_grow_and_go_before_ones_eyes(ColorScheme scheme, int width)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var console = await OpenConsole.OpenAsync(browser, Settings, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });
        console.Upstream.Then(async http =>
        {
            await go.Task.WaitAsync(http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Answers.Plain);
        });
        await console.SignInAsync("upstreams");
        var queues = console.Page.GetByRole(AriaRole.Region, new() { Name = "Queues" });
        await Expect(queues).ToContainTextAsync("No call runs or waits.");

        List<Task<HttpResponseMessage>> calls = [.. Enumerable.Range(0, 5).Select(_ => CallAsync(console, Greedy)), CallAsync(console, Modest)];
        var greedy = queues.Locator("tbody tr", new() { HasText = "<i>greedy</i>" }).First;
        await Expect(greedy.Locator("td").Nth(1)).ToContainTextAsync("2 of 2");
        await Expect(greedy.Locator("td").Nth(2)).ToContainTextAsync("3 priority 3");
        await Expect(greedy.Locator("td").Nth(3)).ToContainTextAsync(" s");
        await Expect(greedy.Locator("td").Nth(4)).ToHaveTextAsync("<i>greedy</i>: at most 2 calls at once");
        await Expect(queues.Locator("tbody tr", new() { HasText = "modest" }).Locator("td").Nth(2)).ToHaveTextAsync("0");
        await Expect(queues.Locator("tbody tr", new() { HasText = "team red" }).Locator("td").Nth(1)).ToHaveTextAsync("2");
        await Expect(queues.Locator("p").First).ToHaveTextAsync("3 running, 3 waiting for a place.");
        (await console.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0);
        await Pictures.TakeAsync(console.Page, $"queues-{scheme}");

        go.SetResult();
        foreach (var answer in await Task.WhenAll(calls)) answer.EnsureSuccessStatusCode().Dispose();
        await Expect(queues).ToContainTextAsync("No call runs or waits.");
        await Expect(greedy).ToHaveCountAsync(0);
        (await console.Page.ContentAsync()).ShouldNotContain(Greedy);
        console.ShouldBeQuiet();
    }

    private static Task<HttpResponseMessage> CallAsync(OpenConsole console, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return console.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
