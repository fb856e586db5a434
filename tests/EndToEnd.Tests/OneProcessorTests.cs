using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.EndToEnd.Tests;

/// <summary>A gateway that has one processor, where the thread that hears of a socket serves it.</summary>
public sealed partial class OneProcessorTests
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (string, string)[] Processors(int count) => [("DOTNET_PROCESSOR_COUNT", $"{count}")];

    [Fact]
    public async Task Streams_side_by_side_are_what_each_is_alone()
    {
        await using var gateway = new RunningGateway();
        await gateway.StartAsync(Processors(1));
        using var http = new HttpClient { BaseAddress = gateway.Address };
        async Task<string> AskAsync(int number)
        {
            using var answer = await http.PostAsJsonAsync("v1/chat/completions", new { model = "tiny-chat", stream = true, temperature = 0, max_tokens = 24, messages = new[] { new { role = "user", content = $"Say {number}." } } }, Cancellation);
            var events = (await answer.Content.ReadAsStringAsync(Cancellation)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
            events[^1].ShouldBe("data: [DONE]");
            return string.Concat(events.SkipLast(1).Select(static line => (string?)JsonNode.Parse(line["data: ".Length..])!["choices"]![0]!["delta"]!["content"]));
        }

        var alone = new List<string>();
        for (var number = 0; number < 16; number++) alone.Add(await AskAsync(number));

        (await Task.WhenAll(Enumerable.Range(0, 16).Select(AskAsync))).ShouldBe(alone);
        alone.ShouldAllBe(static text => text.Length > 0);
    }

    [Fact]
    public async Task Calls_need_no_thread_of_the_pool_unless_the_operator_says_so()
    {
        var own = await WorkPerCallAsync(Processors(1));
        var asked = await WorkPerCallAsync([.. Processors(1), (Inline, "0")]);
        var several = await WorkPerCallAsync(Processors(2));

        own.ShouldBeLessThan(1, $"beside {asked} and {several}");
        asked.ShouldBeGreaterThan(2);
        several.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Workers_compute_on_threads_of_their_pool()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Other systems show a process's environment in other ways.");
        await using var gateway = new RunningGateway();
        await gateway.StartAsync(Processors(1));

        var variables = (await File.ReadAllTextAsync($"/proc/{gateway.Workers().ShouldHaveSingleItem()}/environ", Cancellation)).Split('\0');
        variables.ShouldContain("DOTNET_PROCESSOR_COUNT=1");
        variables.ShouldNotContain(static variable => variable.StartsWith(Inline, StringComparison.Ordinal));
    }

    // Work items of the pool for each of the calls of a second, on one connection.
    private static async Task<double> WorkPerCallAsync((string Name, string Value)[] environment)
    {
        await using var gateway = await GatewayProcess.StartAsync(environment, "--Gateway:EmbeddedModel=false", "--Gateway:Usage:Enabled=false");
        using var http = new HttpClient { BaseAddress = gateway.Address };
        async Task<long> WorkAsync() => long.Parse(WorkItems().Match(await http.GetStringAsync("metrics", Cancellation)).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        var (calls, before) = (0, await WorkAsync());
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1); calls++)
            (await http.GetAsync("v1/models", Cancellation)).EnsureSuccessStatusCode().Dispose();
        return (await WorkAsync() - before) / (double)calls;
    }

    [GeneratedRegex("^dotnet_thread_pool_work_item_count_total\\{.*\\} (\\d+)", RegexOptions.Multiline)]
    private static partial Regex WorkItems();
}
