using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Calls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Usage.Totals;

/// <summary>Does to each call what its plot says, and keeps its own count of what it read and said.</summary>
internal sealed class CountingUpstream : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly IReadOnlyList<PlannedCall> calls;
    private readonly ConcurrentDictionary<int, int> attempts = new();

    private CountingUpstream(WebApplication app, IReadOnlyList<PlannedCall> calls) => (this.app, this.calls) = (app, calls);

    public Uri Address => new(app.Urls.First());

    /// <summary>Tokens that were used for each call, by its number: as it said them, or where it does not count, as one can tell from outside.</summary>
    public ConcurrentDictionary<int, (long Prompt, long Completion, bool Estimated)> Used { get; } = new();

    public static async Task<CountingUpstream> StartAsync(IReadOnlyList<PlannedCall> calls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var upstream = new CountingUpstream(builder.Build(), calls);
        upstream.app.Run(upstream.AnswerAsync);
        await upstream.app.StartAsync();
        return upstream;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var request = JsonNode.Parse(body.ToArray())!;
        var call = calls[int.Parse((string)request["messages"]![0]!["content"]!, CultureInfo.InvariantCulture)];
        var attempt = attempts.AddOrUpdate(call.Number, 1, static (_, before) => before + 1);
        var guess = RequestBody.Parse(body.ToArray()).PromptTokens;
        call.Reached.TrySetResult();
        switch (call.Plot)
        {
            case Plot.FailsAlways:
            case Plot.FailsAtFirst when attempt == 1:
                await PlainAsync(http, """{"error":{"message":"out of order"}}""", 500);
                break;
            case Plot.Refused:
                await PlainAsync(http, """{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}""", 400);
                break;
            case Plot.ResetAtFirst when attempt == 1:
                http.Abort();
                break;
            case Plot.CutAtFirst when attempt == 1:
                http.Response.ContentLength = 10_000;
                await http.Response.WriteAsync("{\"usage\":{\"prompt_tokens\":77777,\"completion_tokens\":77777},");
                await http.Response.Body.FlushAsync();
                http.Abort();
                break;
            case Plot.Hedged when attempt == 1:
            case Plot.ClientLeavesBeforeTheFirstToken:
                if (call.Plot != Plot.Hedged) Used[call.Number] = (guess, 0, true);
                await LeftAsync(http);
                break;
            case Plot.PlainWithoutUsage:
                var answer = $$"""{"id":"c","choices":[],"padding":"{{new string('x', call.Completion)}}"}""";
                Used[call.Number] = (guess, answer.Length / 4, true);
                await PlainAsync(http, answer);
                break;
            case Plot.Stream or Plot.StreamWithoutUsage or Plot.EndsBeforeItsEnd or Plot.ResetInMidStream or Plot.ClientLeavesInMidStream:
                await StreamAsync(http, call, guess);
                break;
            default:
                Used[call.Number] = (call.Prompt, call.Completion, false);
                await PlainAsync(http, UsageAnswers.Plain(call.Prompt, call.Completion));
                break;
        }
    }

    private async Task StreamAsync(HttpContext http, PlannedCall call, long guess)
    {
        var ends = call.Plot is Plot.Stream or Plot.StreamWithoutUsage;
        Used[call.Number] = call.Plot == Plot.Stream ? (call.Prompt, call.Completion, false) : (guess, call.Events, true);
        http.Response.ContentType = "text/event-stream";
        var text = new StringBuilder();
        for (var i = 1; i <= call.Events; i++) text.Append(UsageAnswers.Chunk(last: ends && i == call.Events));
        if (call.Plot == Plot.Stream) text.Append(UsageAnswers.Counted(call.Prompt, call.Completion));
        if (ends) text.Append(UsageAnswers.Done);
        await http.Response.WriteAsync(text.ToString());
        await http.Response.Body.FlushAsync();
        if (call.Plot == Plot.ClientLeavesInMidStream) await LeftAsync(http);
        if (call.Plot != Plot.ResetInMidStream) return;
        await call.Seen.Task;
        http.Abort();
    }

    private static async Task PlainAsync(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json);
    }

    private static async Task LeftAsync(HttpContext http)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = http.RequestAborted.Register(left.SetResult);
        await left.Task;
    }
}
