using System.Net;
using Gateway.TestKit.Fuzzing;

namespace Gateway.Worker.Tests;

/// <summary>More than ten thousand bent requests to the real HTTP surface and the real engine, over a network that counts upwards.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Some = 3_000;

    [Fact]
    public async Task No_request_is_answered_with_a_failure_of_the_server_or_not_at_all()
    {
        output.WriteLine($"FUZZ_SEED={RequestFuzz.Seed}");
        await using var surface = await Surface.WithEngineAsync();
        var fuzz = new RequestFuzz(RequestFuzz.Seed, "tiny-chat");
        var sent = 0;
        var refused = 0;
        var mistakes = new List<string>();
        await Parallel.ForEachAsync(
            fuzz.EveryFieldWithEveryValue().Concat(fuzz.Combined().Take(Some)).Concat(fuzz.Mutated().Take(Some)),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken },
            async (request, cancellation) =>
            {
                var (mistake, status) = await FuzzVerdict.AskAsync(surface.Http, request, cancellation);
                Interlocked.Increment(ref sent);
                if (status != HttpStatusCode.OK) Interlocked.Increment(ref refused);
                if (mistake is not null) lock (mistakes) mistakes.Add($"{request.Path}, {request.How}: {mistake}");
            });

        output.WriteLine($"{sent} requests, {refused} refused");
        mistakes.ShouldBeEmpty($"with FUZZ_SEED={RequestFuzz.Seed}");
        sent.ShouldBeGreaterThan(10_000);
        (sent - refused).ShouldBeInRange(2_000, sent / 2); // neither all broken nor all valid: those would prove little
        await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(",\"max_tokens\":2"));
    }

    [Theory]
    [InlineData(500, "application/json", "{\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"param\":null,\"code\":null}}")]
    [InlineData(400, "application/json", "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null}}")]
    [InlineData(400, "application/json", "{\"error\":{\"message\":\"\",\"type\":\"t\",\"param\":null,\"code\":null}}")]
    [InlineData(404, "application/json", "{\"error\":")]
    [InlineData(200, "application/json", "{\"id\":1")]
    [InlineData(200, "text/html", "<p>")]
    [InlineData(200, "text/event-stream", "data: {}\n\n")]
    [InlineData(200, "text/event-stream", "data: {\n\ndata: [DONE]\n\n")]
    [InlineData(200, "text/event-stream", "data: {\"error\":{}}\n\ndata: [DONE]\n\n")]
    public void An_answer_that_is_wrong_is_found_to_be(int status, string type, string body) => FuzzVerdict.Mistake(status, type, body).ShouldNotBeNull();

    [Theory]
    [InlineData(200, "text/event-stream", ": keep-alive\n\ndata: {}\n\ndata: [DONE]\n\n")]
    [InlineData(400, "application/json", "{\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":null}}")]
    public void An_answer_that_is_right_is_let_through(int status, string type, string body) => FuzzVerdict.Mistake(status, type, body).ShouldBeNull();
}
