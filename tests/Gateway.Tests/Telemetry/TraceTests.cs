using System.Diagnostics;
using Gateway.Tests.Doors;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Telemetry;

public class TraceTests
{
    [Fact]
    public async Task A_call_is_a_span_under_the_clients_and_each_attempt_a_span_under_it_that_the_upstream_gets_as_parent()
    {
        using var spans = new RecordedSpans();
        await using var first = await FakeUpstream.StartAsync();
        await using var second = await FakeUpstream.StartAsync();
        first.ThenJson(503, "{}");
        second.ThenStream(Answers.Chunk, Answers.Last, Answers.Done);
        await using var door = await Door.OpenAsync("m", new { }, first.Address, second.Address);
        door.Http.DefaultRequestHeaders.Add("traceparent", spans.TraceParent);
        door.Http.DefaultRequestHeaders.Add("tracestate", "vendor=1");

        using var answer = await door.ChatAsync("m", stream: true);
        await answer.Content.ReadAsStringAsync();
        var ended = await spans.EndedAsync(3);

        ended.Select(span => span.DisplayName).ShouldBe(["attempt u0", "attempt u1", "chat m"]);
        var (failed, good, call) = (ended[0], ended[1], ended[2]);
        call.ParentSpanId.ShouldBe(spans.Parent);
        (failed.ParentSpanId, good.ParentSpanId).ShouldBe((call.SpanId, call.SpanId));
        first.Received[0].Headers["traceparent"].ShouldBe(failed.Id);
        second.Received[0].Headers["traceparent"].ShouldBe(good.Id);
        second.Received[0].Headers["tracestate"].ShouldBe("vendor=1");
        call.GetTagItem("gen_ai.operation.name").ShouldBe("chat");
        call.GetTagItem("gen_ai.request.model").ShouldBe("m");
        call.GetTagItem("gateway.outcome").ShouldBe("ok");
        (failed.GetTagItem("gateway.attempt.cause"), failed.GetTagItem("gateway.attempt.reason"), failed.GetTagItem("http.response.status_code")).ShouldBe(("first", "http_503", 503));
        (good.GetTagItem("gateway.attempt.cause"), good.GetTagItem("gateway.attempt.reason")).ShouldBe(("retry", "ok"));
        (failed.Status, good.Status, call.Status).ShouldBe((ActivityStatusCode.Error, ActivityStatusCode.Unset, ActivityStatusCode.Unset));
        good.Events.ShouldHaveSingleItem().Name.ShouldBe("first_token");
    }

    [Fact]
    public async Task A_call_span_says_what_the_answer_took_and_never_what_it_was_about()
    {
        using var spans = new RecordedSpans();
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        door.Http.DefaultRequestHeaders.Add("traceparent", spans.TraceParent);

        (await door.ChatAsync("m", more: ",\"user\":\"somebody\"")).Dispose();
        var ended = await spans.EndedAsync(2);

        ended[1].GetTagItem("gen_ai.usage.input_tokens").ShouldBe(3L);
        ended[1].GetTagItem("gen_ai.usage.output_tokens").ShouldBe(5L);
        var said = string.Join('\n', ended.SelectMany(span => span.TagObjects).Select(tag => $"{tag.Key}={tag.Value}"));
        foreach (var secret in (string[])["somebody", "hello", "sk-of-the-upstream", upstream.Address.Authority]) said.ShouldNotContain(secret);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_answer_says_of_itself_is_on_the_calls_span_and_on_its_attempts(bool stream)
    {
        const string Named = "\"id\":\"chatcmpl-7\",\"model\":\"there-2026 of sk-of-the-upstream\",";
        const string Usage = "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":8},\"completion_tokens_details\":{\"reasoning_tokens\":2}}";
        using var spans = new RecordedSpans();
        await using var upstream = await FakeUpstream.StartAsync();
        if (stream)
            upstream.ThenStream(
                "data: {" + Named + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"finish_reason\"},\"finish_reason\":null},{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
                "data: {" + Named + "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\": \"stop\"}]}\n\n",
                "data: {" + Named + "\"choices\":[]," + Usage + "}\n\n", Answers.Done);
        else upstream.ThenJson(200, "{" + Named + "\"choices\":[{\"index\":1,\"message\":{\"content\":\"a\"},\"finish_reason\":\"length\"},{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"finish_reason\":\"no\"}}]," + Usage + "}");
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        door.Http.DefaultRequestHeaders.Add("traceparent", spans.TraceParent);

        using var answer = await door.ChatAsync("m", stream, ",\"n\":2,\"max_tokens\":50");
        await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var ended = await spans.EndedAsync(2);

        foreach (var span in ended)
        {
            span.GetTagItem("gen_ai.response.id").ShouldBe("chatcmpl-7");
            span.GetTagItem("gen_ai.response.model").ShouldBe("there-2026 of ***");
            span.GetTagItem("gen_ai.response.finish_reasons").ShouldBeOfType<string[]>().ShouldBe(["length", "stop"]);
            span.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(9L);
            span.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(4L);
            span.GetTagItem("gen_ai.usage.cache_read.input_tokens").ShouldBe(8L);
            span.GetTagItem("gen_ai.usage.reasoning.output_tokens").ShouldBe(2L);
        }

        var (attempt, call) = (ended[0], ended[1]);
        attempt.GetTagItem("gen_ai.provider.name").ShouldBe("openai");
        (attempt.GetTagItem("gen_ai.response.time_to_first_chunk") is double and > 0).ShouldBe(stream);
        (call.GetTagItem("gen_ai.request.stream") is true).ShouldBe(stream);
        Convert.ToInt64(call.GetTagItem("gen_ai.request.max_tokens"), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(50);
        Convert.ToInt64(call.GetTagItem("gen_ai.request.choice.count"), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_call_says_why()
    {
        using var spans = new RecordedSpans();
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(401, "{}");
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        door.Http.DefaultRequestHeaders.Add("traceparent", spans.TraceParent);

        (await door.ChatAsync("m")).Dispose();
        var ended = await spans.EndedAsync(2);

        ended[1].GetTagItem("error.type").ShouldBe("upstream_auth");
        ended[1].GetTagItem("http.response.status_code").ShouldBe(502);
        ended[1].Status.ShouldBe(ActivityStatusCode.Error);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true)]
    [InlineData("no traceparent at all", false)]
    public async Task A_trace_that_is_not_recorded_here_goes_on_upstream_if_it_is_one(string given, bool passes)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answers.Plain);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        door.Http.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", given);

        (await door.ChatAsync("m")).Dispose();

        // Another test of this process may listen: then the trace goes on under a span of ours.
        var sent = upstream.Received[0].Headers.GetValueOrDefault("traceparent");
        if (passes) sent.ShouldNotBeNull().ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        else sent.ShouldNotBe(given);
    }

    [Fact]
    public async Task What_went_wrong_is_one_line_with_the_request_id_and_no_address_key_or_prompt()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(500, "{\"error\":{\"message\":\"secret words\"}}");
        await using var door = await Door.OpenAsync("m", new { Retries = 0 }, upstream.Address);
        door.Http.DefaultRequestHeaders.Add("x-request-id", "id-7");

        (await door.ChatAsync("m", more: ",\"user\":\"somebody\"")).Dispose();

        var lines = door.Log.Text.Split('\n').Where(line => line.Contains("id-7", StringComparison.Ordinal)).ToList();
        lines.ShouldHaveSingleItem().ShouldStartWith("Warning id-7 m failed 502: u0 http_500 after ");
        foreach (var secret in (string[])["secret words", "somebody", "sk-of-the-upstream", upstream.Address.Authority]) door.Log.Text.ShouldNotContain(secret);
    }
}
