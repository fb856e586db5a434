using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Policies;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Telemetry;

/// <summary>Keys are named where somebody chose them, and never otherwise.</summary>
public class KeyLabelsTests
{
    [Fact]
    public async Task Without_a_choice_no_series_knows_any_key()
    {
        await using var open = await QueuedDoor.OpenAsync(Keys());
        var series = await CallsAsync(open);

        series.Value("gateway_calls_total", ("outcome", "ok")).ShouldBe(3);
        series.Value("gateway_refusals_total", ("bound", "requests_per_minute")).ShouldBe(3);
        series.Text.ShouldNotContain("key=");
        foreach (var name in (string[])["billing", "team-of-two", "sk-the-key-of"]) series.Text.ShouldNotContain(name);
    }

    [Fact]
    public async Task Chosen_ones_have_their_names_and_all_others_one_label_together()
    {
        await using var open = await QueuedDoor.OpenAsync(Keys(), metrics: new { Keys = new[] { "billing-*" } });
        var series = await CallsAsync(open);

        series.Value("gateway_calls_total", ("key", "billing-a"), ("outcome", "ok")).ShouldBe(1);
        series.Value("gateway_calls_total", ("key", "billing-a"), ("outcome", "limited")).ShouldBe(1);
        series.Value("gateway_calls_total", ("key", "other"), ("outcome", "ok")).ShouldBe(1);
        series.Value("gateway_refusals_total", ("key", "billing-b"), ("bound", "requests_per_minute")).ShouldBe(1);
        series.Value("gateway_refusals_total", ("key", "other")).ShouldBe(1);
        series.Value("gen_ai_client_token_usage_sum", ("key", "billing-a"), ("gen_ai_token_type", "output")).ShouldBe(12);
        series.Text.Split('\n').Where(line => line.Contains("key=", StringComparison.Ordinal)).ShouldAllBe(line =>
            line.StartsWith("gateway_calls_total", StringComparison.Ordinal) || line.StartsWith("gateway_refusals_total", StringComparison.Ordinal) || line.StartsWith("gen_ai_client_token_usage", StringComparison.Ordinal));
        foreach (var name in (string[])["team-of-two", "sk-the-key-of"]) series.Text.ShouldNotContain(name);
    }

    [Fact]
    public async Task An_empty_name_is_an_error() =>
        (await Should.ThrowAsync<ConfigurationException>(() => Door.OpenAsync(new { Metrics = new { Keys = new[] { " " } } }))).Errors.ShouldHaveSingleItem().ShouldBe("Gateway:Metrics:Keys: a name is empty");

    private static JsonNode[] Keys() => [.. ((string[])["billing-a", "billing-b", "team-of-two"]).Select(name => LimitedKeys.Of(name, new CallerLimits { RequestsPerMinute = 1 }))];

    // One good call of each key, and one too many.
    private static async Task<Series> CallsAsync(QueuedDoor open)
    {
        open.Go();
        foreach (var key in (string[])["billing-a", "billing-b", "team-of-two"])
            for (var call = 0; call < 2; call++) (await open.CallAsync(key)).Dispose();
        return await Series.OfAsync(open.Door, series => series.Sum("gateway_calls_total", ("outcome", "ok")) == 3);
    }
}
