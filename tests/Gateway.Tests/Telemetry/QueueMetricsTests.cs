using System.Net;
using Gateway.Policies;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Telemetry;

/// <summary>What limits do, in numbers.</summary>
public class QueueMetricsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("requests_per_minute")]
    [InlineData("tokens_per_minute")]
    [InlineData("requests_per_day")]
    [InlineData("tokens_per_day")]
    [InlineData("budget_per_day")]
    [InlineData("budget_per_month")]
    [InlineData("max_concurrent")]
    [InlineData("queue_timeout")]
    public async Task A_refused_call_is_counted_by_the_bound_that_it_met(string bound)
    {
        var limits = bound switch
        {
            "requests_per_minute" => new CallerLimits { RequestsPerMinute = 1 },
            "tokens_per_minute" => new CallerLimits { TokensPerMinute = 300 }, // 8 and the 256 of a call that sets no limit
            "requests_per_day" => new CallerLimits { RequestsPerDay = 1 },
            "tokens_per_day" => new CallerLimits { TokensPerDay = 300 },
            "budget_per_day" => new CallerLimits { BudgetPerDay = 0.003m },
            "budget_per_month" => new CallerLimits { BudgetPerMonth = 0.003m },
            "max_concurrent" => new CallerLimits { MaxConcurrent = 1 },
            _ => new CallerLimits { MaxConcurrent = 1, QueueTimeout = TimeSpan.FromMilliseconds(30) },
        };
        await using var open = await QueuedDoor.OpenAsync([LimitedKeys.Of("a", limits)]);
        var first = open.CallAsync("a");
        await open.StandsAsync(1, 0);

        (await open.CallAsync("a")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var series = await Series.OfAsync(open.Door);

        series.Count("gateway_refusals_total").ShouldBe(1);
        series.Value("gateway_refusals_total", ("bound", bound), ("owner", "key")).ShouldBe(1);
        series.Value("gateway_queue_wait_seconds_count", ("result", "timeout")).ShouldBe(bound == "queue_timeout" ? 1 : null);
        open.Go();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_waits_is_counted_by_priority_while_it_does_and_by_time_afterwards()
    {
        await using var open = await QueuedDoor.OpenAsync(
            [LimitedKeys.Of("a", new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long, Priority = 7 }), LimitedKeys.Of("b", new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long })]);
        (await Series.OfAsync(open.Door)).Value("gateway_queue_calls", ("priority", "0")).ShouldBe(0);
        using var leaves = new CancellationTokenSource();
        List<Task<HttpResponseMessage>> calls = [open.CallAsync("a"), open.CallAsync("b")];
        await open.StandsAsync(2, 0);
        calls.AddRange([open.CallAsync("a"), open.CallAsync("a")]);
        var left = open.CallAsync("b", leaves.Token);
        await open.StandsAsync(2, 3);

        var waiting = await Series.OfAsync(open.Door, series => series.Value("gateway_queue_calls", ("priority", "7")) is not null); // a page is kept for a moment
        waiting.Value("gateway_queue_calls", ("priority", "7")).ShouldBe(2);
        waiting.Value("gateway_queue_calls", ("priority", "0")).ShouldBe(1);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => left);
        await open.StandsAsync(2, 2);
        open.Go();
        await Task.WhenAll(calls);
        var after = await Series.OfAsync(open.Door, series => series.Value("gateway_queue_wait_seconds_count", ("result", "left")) == 1 && series.Value("gateway_queue_calls", ("priority", "7")) is null);

        after.Value("gateway_queue_calls", ("priority", "0")).ShouldBe(0);
        after.Value("gateway_queue_calls", ("priority", "7")).ShouldBeNull();
        after.Value("gateway_queue_wait_seconds_count", ("result", "placed")).ShouldBe(2);
        after.Count("gateway_refusals_total").ShouldBe(0);
    }

    [Fact]
    public async Task A_teams_bound_is_the_teams()
    {
        await using var open = await QueuedDoor.OpenAsync([LimitedKeys.Of("a", CallerLimits.None, "red")], new { red = new CallerLimits { RequestsPerMinute = 1 } });
        open.Go();
        (await open.CallAsync("a")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await open.CallAsync("a")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        (await Series.OfAsync(open.Door)).Value("gateway_refusals_total", ("bound", "requests_per_minute"), ("owner", "team")).ShouldBe(1);
    }
}
