using Gateway.Telemetry;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Telemetry;

public class MetricLabelsTests
{
    [Fact]
    public void The_first_that_are_used_have_labels_of_their_own_and_keep_them()
    {
        var labels = new MetricLabels(mostModels: 2, mostPairs: 3, mostUpstreams: 2);

        labels.Pair("east", "a").ShouldBe(("east", "a"));
        labels.Pair("west", "a").ShouldBe(("west", "a"));
        labels.Pair("north", "a").ShouldBe(("other", "other"));
        labels.Model("b").ShouldBe("b");
        labels.Model("c").ShouldBe("other");
        labels.Pair("east", "b").ShouldBe(("east", "b"));
        labels.Pair("west", "b").ShouldBe(("west", "other")); // a fourth pair
        labels.Pair("east", "c").ShouldBe(("east", "other"));
        labels.Pair("east", "a").ShouldBe(("east", "a"));
    }

    [Fact]
    public void Who_only_looks_takes_nothing_where_there_is_not_room_for_all()
    {
        var labels = new MetricLabels(mostModels: 2, mostPairs: 2, mostUpstreams: 2);

        labels.Seen("east", "a", all: 3).ShouldBe(("other", "other"));
        labels.Pair("east", "b").ShouldBe(("east", "b"));
        labels.Seen("east", "b", all: 3).ShouldBe(("east", "b"));
        labels.Seen("east", "a", all: 3).ShouldBe(("east", "other"));
        labels.Seen("east", "a", all: 2).ShouldBe(("east", "a"));
    }

    [Fact]
    public void No_more_than_there_is_room_for_have_one_whoever_asks_at_once()
    {
        var labels = new MetricLabels();
        var given = new System.Collections.Concurrent.ConcurrentBag<string>();

        Parallel.For(0, 40_000, at => given.Add(labels.Model($"m{at % 10_000}")));

        given.Where(label => label != MetricLabels.Other).Distinct().Count().ShouldBeInRange(990, 1_000);
        given.ShouldContain(MetricLabels.Other);
    }

    [Fact]
    public async Task Calls_of_models_beyond_the_bound_are_counted_together()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync(
            new
            {
                Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString() } },
                Models = Enumerable.Range(0, 5).ToDictionary(at => $"m{at}", _ => new { Targets = new[] { new { Upstream = "east" } } }),
            },
            services => services.AddSingleton(new MetricLabels(mostModels: 2, mostPairs: 2)));

        foreach (var model in (string[])["m3", "m1", "m0", "m2", "m3", "m4"]) (await door.ChatAsync(model)).EnsureSuccessStatusCode().Dispose();
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "other")) is 3);

        series.Value("gateway_calls_total", ("model", "m3")).ShouldBe(2);
        series.Value("gateway_calls_total", ("model", "m1")).ShouldBe(1);
        series.Value("gateway_calls_total", ("model", "other")).ShouldBe(3);
        series.Value("gateway_attempts_total", ("model", "other"), ("upstream", "east")).ShouldBe(3);
        series.Value("gen_ai_client_token_usage_sum", ("gen_ai_request_model", "other"), ("gen_ai_token_type", "output")).ShouldBe(15);
        series.Value("gateway_breaker_state", ("model", "other"), ("upstream", "east")).ShouldBe(0);
        foreach (var hidden in (string[])["\"m0\"", "\"m2\"", "\"m4\""]) series.Text.ShouldNotContain(hidden);
    }

    [Fact]
    public async Task Ten_thousand_models_and_a_thousand_upstreams_make_no_more_series_than_there_is_room_for_and_nothing_is_cut()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync(new
        {
            Upstreams = Enumerable.Range(0, 1_000).ToDictionary(at => $"u{at}", _ => new { Address = new Uri(upstream.Address, "v1").ToString() }),
            Models = Enumerable.Range(0, 10_000).ToDictionary(at => $"m{at}", at => new { Targets = Enumerable.Range(0, at == 0 ? 1_000 : 2).Select(of => new { Upstream = $"u{(at + of) % 1_000}" }) }),
        });
        for (var model = 0; model < 10_000; model += 8) (await door.ChatAsync($"m{model}")).EnsureSuccessStatusCode().Dispose();

        var series = await Series.OfAsync(door, s => s.Count("gateway_calls_total") == 1_001);

        series.Count("gateway_calls_total").ShouldBe(1_001);
        series.Count("gateway_upstream_calls").ShouldBe(1_000);
        series.Count("gateway_attempts_total").ShouldBeInRange(1_001, 3_000);
        series.Count("gateway_breaker_state").ShouldBeInRange(1_001, 3_000);
        series.Value("gateway_calls_total", ("model", "other")).ShouldBe(250);
        series.Text.ShouldNotContain("otel_metric_overflow");
    }
}
