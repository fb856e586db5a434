using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Gateway.Worker.Tests;

/// <summary>Where the time of a call went, under the trace that came with it.</summary>
public sealed class SpanTests : IDisposable
{
    private static readonly TimeSpan Rounding = TimeSpan.FromMicroseconds(5); // of timestamps to ticks
    private readonly ActivityTraceId trace = ActivityTraceId.CreateRandom();
    private readonly ActivitySpanId parent = ActivitySpanId.CreateRandom();
    private readonly ConcurrentQueue<Activity> ended = new();
    private readonly ActivityListener listener;

    public SpanTests()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Gateway.Worker",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => { if (span.TraceId == trace) ended.Enqueue(span); },
        };
        ActivitySource.AddActivityListener(listener);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_is_queue_prefill_and_decode_one_after_the_other_under_the_parent_that_was_sent(bool stream)
    {
        await using var surface = await Surface.WithEngineAsync();

        using var answer = await SendAsync(surface, Surface.Chat($$""","max_tokens":5,"temperature":0,"stream":{{(stream ? "true" : "false")}}"""));
        await answer.Content.ReadAsStringAsync();
        var spans = await EndedAsync(4);

        spans.Select(span => span.DisplayName).ShouldBe(["queue", "prefill", "decode", "worker"]);
        var (queue, prefill, decode, call) = (spans[0], spans[1], spans[2], spans[3]);
        call.ParentSpanId.ShouldBe(parent);
        call.GetTagItem("http.response.status_code").ShouldBe(200);
        spans[..3].ShouldAllBe(span => span.ParentSpanId == call.SpanId);
        (queue.StartTimeUtc + queue.Duration).ShouldBe(prefill.StartTimeUtc, Rounding);
        (prefill.StartTimeUtc + prefill.Duration).ShouldBe(decode.StartTimeUtc, Rounding);
        ((int)prefill.GetTagItem("gen_ai.usage.input_tokens")!).ShouldBeGreaterThan(1);
        decode.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(5);
        decode.GetTagItem("gen_ai.response.finish_reasons").ShouldBeOfType<string[]>().ShouldBe(["length"]);
    }

    [Fact]
    public async Task Every_choice_has_its_own()
    {
        await using var surface = await Surface.WithEngineAsync();

        using var answer = await SendAsync(surface, Surface.Chat(""","max_tokens":3,"n":2"""));
        answer.EnsureSuccessStatusCode();
        var spans = await EndedAsync(7);

        spans.Where(span => span.DisplayName == "decode").Select(span => (int)span.GetTagItem("gateway.choice")!).Order().ShouldBe([0, 1]);
    }

    [Fact]
    public async Task A_refused_call_has_a_span_and_no_generation()
    {
        await using var surface = await Surface.WithEngineAsync();

        using var answer = await SendAsync(surface, "{}");
        var spans = await EndedAsync(1);

        spans.ShouldHaveSingleItem().GetTagItem("http.response.status_code").ShouldBe(400);
    }

    public void Dispose() => listener.Dispose();

    private Task<HttpResponseMessage> SendAsync(Surface surface, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{trace}-{parent}-01");
        return surface.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<List<Activity>> EndedAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (ended.Count < count && !limit.IsCancellationRequested) await Task.Yield();
        return [.. ended];
    }
}
