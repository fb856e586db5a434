using System.Text.RegularExpressions;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Telemetry;

/// <summary>The metrics of OpenTelemetry's GenAI semantic conventions: names, units, attributes that must be there, and the bounds that are advised.</summary>
public class ConventionTests
{
    private const string Durations = "0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 +Inf";
    private const string Common = "gen_ai_operation_name gen_ai_provider_name gen_ai_request_model";

    [Theory]
    [InlineData("gen_ai_client_operation_duration_seconds", Durations, Common + " upstream", "openai")]
    [InlineData("gen_ai_client_token_usage", "1 4 16 64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216 67108864 +Inf", Common + " gen_ai_token_type", "openai")]
    [InlineData("gen_ai_server_request_duration_seconds", Durations, Common, "gateway")]
    [InlineData("gen_ai_server_time_to_first_token_seconds", "0.001 0.005 0.01 0.02 0.04 0.06 0.08 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf", Common, "gateway")]
    [InlineData("gen_ai_server_time_per_output_token_seconds", "0.01 0.025 0.05 0.075 0.1 0.15 0.2 0.3 0.4 0.5 0.75 1 2.5 +Inf", Common, "gateway")]
    public async Task A_metric_is_as_the_convention_has_it(string name, string bounds, string attributes, string provider)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenStream(Answers.Chunk, Answers.Last, "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}\n\n", Answers.Done);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using (var answer = await door.ChatAsync("m", stream: true)) await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is not null);

        series.Text.ShouldContain($"# TYPE {name} histogram\n");
        var one = series.Text.Split('\n').Where(line => line.StartsWith(name + "_bucket{", StringComparison.Ordinal) && !line.Contains("\"output\"", StringComparison.Ordinal)).ToList();
        one.Select(line => Regex.Match(line, "le=\"([^\"]+)\"").Groups[1].Value).ShouldBe(bounds.Split(' '));
        Regex.Matches(one[0], "([a-z_]+)=").Select(match => match.Groups[1].Value).Except(["le", "otel_scope_name"]).Order().ShouldBe(attributes.Split(' ').Order());
        one[0].ShouldContain($"gen_ai_provider_name=\"{provider}\"");
        one[0].ShouldContain("gen_ai_operation_name=\"chat\"");
    }

    [Fact]
    public async Task Time_per_output_token_is_of_what_came_after_the_first()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenStream(Answers.Chunk, Answers.Last, "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}\n\n", Answers.Done).ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using (var answer = await door.ChatAsync("m", stream: true)) await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        (await door.ChatAsync("m")).Dispose(); // says nothing of when its tokens came
        var series = await Series.OfAsync(door, s => s.Value("gateway_calls_total", ("model", "m")) is 2);

        series.Value("gen_ai_server_time_per_output_token_seconds_count", ("gen_ai_request_model", "m")).ShouldBe(1);
        var (whole, first, each) = (series.Value("gen_ai_server_request_duration_seconds_sum"), series.Value("gen_ai_server_time_to_first_token_seconds_sum"), series.Value("gen_ai_server_time_per_output_token_seconds_sum"));
        (4 * each!.Value).ShouldBeLessThanOrEqualTo(whole!.Value - first!.Value);
    }
}
