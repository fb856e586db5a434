using System.Text.Json;

namespace Gateway.Tests.Telemetry;

/// <summary>The real program, told by its environment where to send spans and metrics.</summary>
public class OtlpTests
{
    private const string Prompt = "marker-of-the-prompt";
    private const string Said = "marker-of-the-answer";
    private const string Key = "sk-marker-of-the-upstream";
    private const string AdminKey = "marker-of-the-admin-key";
    private const string CallerKey = "sk-marker-of-the-caller";
    private const string HeaderSecret = "marker-of-the-header";

    private const string Plain = """{"id":"chatcmpl-of-the-upstream","model":"there-2026","choices":[{"index":0,"message":{"role":"assistant","content":"SAID"},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}""";

    [Theory]
    [InlineData("http/protobuf", "/v1/traces", "/v1/metrics")]
    [InlineData("grpc", "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    public async Task Spans_and_metrics_arrive_with_no_prompt_answer_or_key_in_them(string protocol, string traces, string metrics)
    {
        using var folder = new TemporaryFolder();
        await using var collector = await OtlpReceiver.StartAsync(protocol == "grpc");
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(500, $$"""{"error":{"message":"{{Key}} said {{Prompt}} at {{upstream.Address.Authority}}"} }""").ThenJson(200, Plain.Replace("SAID", Said));
        var settings = Path.Combine(folder.Path, "settings.json");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
        {
            Gateway = new
            {
                AdminKey,
                EmbeddedModel = false,
                ModelsFolder = folder.Path,
                Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1").ToString(), ApiKey = Key, Headers = new Dictionary<string, string> { ["x-tenant"] = HeaderSecret } } },
                Models = new { m = new { Targets = new[] { new { Upstream = "east", Model = "there" } } } },
            },
        }), TestContext.Current.CancellationToken);
        await using var gateway = await GatewayProcess.StartAsync(
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-key=of-the-collector"),
                ("OTEL_SERVICE_NAME", "a-gateway-by-name"),
                ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a-stage"),
                ("OTEL_BSP_SCHEDULE_DELAY", "100"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
            ],
            "--config", settings);
        using var client = new HttpClient { BaseAddress = gateway.Address };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer " + CallerKey);

        using var answer = await client.PostAsync("v1/chat/completions", new StringContent($$"""{"model":"m","messages":[{"role":"user","content":"{{Prompt}}"}],"user":"{{Prompt}}"}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        await collector.UntilAsync(traces, "chat m", "a-gateway-by-name", "a-stage", "attempt east", "http_500", "gen_ai.response.finish_reasons", "length", "chatcmpl-of-the-upstream", "there-2026", "gen_ai.usage.cache_read.input_tokens");
        await collector.UntilAsync(metrics, "gateway.calls", "a-gateway-by-name", "gateway.attempts", "gen_ai.server.request.duration", "east", "http_500");

        collector.Received.ShouldAllBe(one => one.Key == "of-the-collector");
        collector.Received.Select(one => one.Path).Distinct().Order().ShouldBe(((string[])[traces, metrics]).Order());
        var all = string.Concat(collector.Received.Select(one => one.Text));
        foreach (var secret in (string[])[Prompt, Said, Key, AdminKey, CallerKey, HeaderSecret, "of-the-collector", upstream.Address.Authority]) all.ShouldNotContain(secret);
        foreach (var secret in (string[])[Prompt, Said, Key, AdminKey, CallerKey, HeaderSecret, "of-the-collector"]) gateway.Log.ShouldNotContain(secret);
    }
}
