using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Gateway.EndToEnd.Tests;

/// <summary>Engines in real workers, as one scrape of the gateway sees them.</summary>
public class EngineSeriesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_are_in_the_gateways_metrics_while_they_are_loaded_and_no_longer()
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "--Gateway:EmbeddedModel=false", $"--Gateway:Models:one:Path={Shared.TinyChat}", "--Gateway:Models:one:KeepAlive=00:00:05", $"--Gateway:Models:two:Path={Shared.TinyChat}");
        using var http = new HttpClient { BaseAddress = gateway.Address };
        http.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"); // as Prometheus asks
        (await http.GetStringAsync("metrics", Cancellation)).ShouldNotContain("vllm:");

        foreach (var model in (string[])["two", "one"]) // the one that goes is loaded last, and is still there after it
            (await http.PostAsJsonAsync("v1/completions", new { model, prompt = "Hello", max_tokens = 3, temperature = 0, logit_bias = new Dictionary<string, int> { ["2"] = -100 } }, Cancellation)).EnsureSuccessStatusCode().Dispose();
        var both = await http.GetStringAsync("metrics", Cancellation);

        both.ShouldContain("gateway_calls_total{");
        foreach (var model in (string[])["one", "two"])
        {
            both.ShouldContain($"vllm:generation_tokens_total{{model_name=\"{model}\",engine=\"0\"}} 3\n");
            both.ShouldContain($"vllm:num_requests_waiting{{model_name=\"{model}\",engine=\"0\"}} 0\n");
            both.ShouldContain($"vllm:request_success_total{{model_name=\"{model}\",engine=\"0\",finished_reason=\"length\"}} 1\n");
        }

        var declared = Regex.Matches(both, "^# TYPE (\\S+) ", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();
        declared.ShouldBeUnique();
        both.ShouldNotContain("# EOF");

        string left;
        do left = await http.GetStringAsync("metrics", Cancellation);
        while (left.Contains("model_name=\"one\"", StringComparison.Ordinal)); // until it was idle for five seconds
        left.ShouldContain("vllm:generation_tokens_total{model_name=\"two\",engine=\"0\"} 3\n");
    }
}
