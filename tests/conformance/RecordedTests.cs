using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>
/// Every recorded exchange of a served route, asked again of this gateway: status, keys and types of the answer, order of a stream's events, and
/// an error's code and parameter are the live service's. What differs on purpose stands in <see cref="RecordedDifferences"/> with its reason.
/// </summary>
public sealed class RecordedTests(RunningGateway gateway) : IDisposable
{
    private static readonly string[] Routes = ["chat/completions", "completions", "embeddings", "models"];
    private readonly Wire wire = new(gateway.Address);

    public static TheoryData<string, int> Exchanges()
    {
        var found = new TheoryData<string, int>();
        foreach (var exchange in Recording.All().Where(exchange => Routes.Contains(exchange.Path) || exchange.Path.StartsWith("models/", StringComparison.Ordinal))) found.Add(exchange.Name, exchange.Number);
        if (found.Count == 0) found.Add("../shared/api/recorded-exchanges.jsonl", -1); // absent: one test, which skips and is counted
        return found;
    }

    public void Dispose() => wire.Dispose();

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task An_exchange_with_the_live_service_has_the_same_shape_here(string name, int number)
    {
        Shared.Optional("api", "recorded-exchanges.jsonl");
        var exchange = Recording.All()[number];
        if (RecordedDifferences.NotAsked(exchange) is { } reason) Assert.Skip($"{name}: {reason}");
        using var request = new HttpRequestMessage(exchange.Method, "v1/" + RecordedDifferences.Path(exchange.Path));
        if (exchange.Request is { } body) request.Content = new StringContent(RecordedDifferences.Ours(exchange, body).ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await wire.Http.SendAsync(request, Wire.Cancellation);
        var text = await response.Content.ReadAsStringAsync(Wire.Cancellation);

        foreach (var header in (string[])["x-request-id", "openai-processing-ms", "openai-version"]) response.Headers.Contains(header).ShouldBeTrue(header);
        var expected = RecordedDifferences.Refused(exchange);
        ((int)response.StatusCode).ShouldBe(expected?.Status ?? exchange.Status, text);
        if (exchange.Status < 400 && expected is not null)
        {
            ((string?)JsonNode.Parse(text)!["error"]!["param"]).ShouldBe(expected.Value.Param);
            return;
        }

        response.Content.Headers.ContentType!.MediaType.ShouldBe(exchange.Events is null ? "application/json" : "text/event-stream");
        if (exchange.Events is { } events)
        {
            var ours = Recording.Split(text);
            Kinds(ours).ShouldBe(Kinds(events));
            ours.FindAll(line => line[0] == '{').ForEach(line => Wire.Validate(JsonNode.Parse(line)!, "CreateChatCompletionStreamResponse"));
            Compare(Shape.Of(ours.FindAll(line => line[0] == '{').ConvertAll(line => JsonNode.Parse(line))), Shape.Of(events.FindAll(line => line[0] == '{').ConvertAll(line => JsonNode.Parse(line))));
            return;
        }

        var answer = JsonNode.Parse(text)!;
        if (exchange.Status >= 400)
        {
            var (code, param) = expected is { } other ? (other.Code, other.Param) : ((string?)exchange.Answer!["error"]!["code"], (string?)exchange.Answer["error"]!["param"]);
            ((string?)answer["error"]!["code"]).ShouldBe(code);
            ((string?)answer["error"]!["param"]).ShouldBe(param);
            if (expected is not null) return;
        }

        Compare(Shape.Of([answer]), Shape.Of([exchange.Answer]));
    }

    private static void Compare(Shape ours, Shape theirs)
    {
        ours.Missing(theirs).Where(RecordedDifferences.Matters).ShouldBeEmpty("what the live service sends and this one does not");
        theirs.Missing(ours).Where(RecordedDifferences.Matters).ShouldBeEmpty("what this one sends and the live service does not");
    }

    /// <summary>The kinds of events, in order, runs of one kind once.</summary>
    private static List<string> Kinds(List<string> events)
    {
        var kinds = new List<string>();
        foreach (var line in events)
        {
            var kind = line == "[DONE]" ? "done" : JsonNode.Parse(line) is var chunk && chunk!["choices"]!.AsArray() is not [{ } choice, ..] ? "usage"
                : choice["finish_reason"] is not null ? "reason"
                : choice["delta"]!["role"] is not null ? "role" : "delta";
            if (kinds.LastOrDefault() != kind) kinds.Add(kind);
        }

        return kinds;
    }
}
