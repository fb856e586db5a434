using Gateway.Client.Errors;
using Gateway.Protocol.Chat;
using Gateway.Protocol.Completions;
using Microsoft.AspNetCore.Http;

namespace Gateway.Client.Tests.Wire;

public sealed class StreamTests : ClientFixture
{
    private static readonly ChatRequest s_request = new("m", [ChatMessage.User("hi")]);

    [Fact]
    public async Task A_stream_is_asked_for_with_exactly_these_bytes_and_gives_its_chunks()
    {
        Upstream.ThenStream(Event("Hel"), ": ping\n\n", Event("lo"), Event("", "stop"), "data: [DONE]\n\n");

        var chunks = await ReadAsync(Client.Chat.StreamAsync(s_request with { StreamOptions = new StreamOptions(true) }));

        Upstream.Received[0].Body.ShouldBe("""{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}""");
        string.Concat(chunks.SelectMany(c => c.Choices).Select(c => c.Delta.Content)).ShouldBe("Hello");
        chunks[^1].Choices[0].FinishReason.ShouldBe("stop");
        chunks[0].RequestId.ShouldBe("req_stream");
    }

    [Fact]
    public async Task Text_alone_is_the_first_choices()
    {
        Upstream.ThenStream(Event("a"), Event("b", index: 1), Event("c"), Event("", "stop"), Event("", "stop", 1), "data: [DONE]\n\n");
        (await ReadAsync(Client.Chat.StreamTextAsync(s_request))).ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task A_finish_without_the_done_mark_is_a_good_end()
    {
        Upstream.ThenStream(Event("a"), Event("", "stop"));
        (await ReadAsync(Client.Chat.StreamAsync(s_request))).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Nothing_is_read_after_the_done_mark_even_when_the_server_stays()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Then(http => StayAsync(http, left, Event("a"), Event("", "stop"), "data: [DONE]\n\n"));
        (await ReadAsync(Client.Chat.StreamAsync(s_request))).Count.ShouldBe(2);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":1,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n")]
    [InlineData("data: {\"id\":\n\n")]
    [InlineData("data: null\n\n")]
    [InlineData("data: {\"cut\":")]
    public async Task An_end_in_the_middle_of_an_answer_is_an_error(string end)
    {
        Upstream.ThenStream(Event("a"), end);
        var (chunks, thrown) = await ReadToErrorAsync();
        chunks[0].Choices[0].Delta.Content.ShouldBe("a");
        thrown.RequestId.ShouldBe("req_stream");
        Upstream.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_error_event_is_an_error_with_its_body()
    {
        Upstream.ThenStream(Event("a"), "data: {\"error\":{\"message\":\"the worker died\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_broken\"}}\n\n");
        var (chunks, thrown) = await ReadToErrorAsync();
        chunks.Count.ShouldBe(1);
        (thrown.Message, thrown.Error!.Code).ShouldBe(("the worker died", "upstream_broken"));
    }

    [Fact]
    public async Task A_text_that_speaks_of_errors_is_none()
    {
        Upstream.ThenStream(Event("\\\"error\\\""), Event("", "stop"), "data: [DONE]\n\n");
        (await ReadAsync(Client.Chat.StreamTextAsync(s_request))).ShouldBe(["\"error\""]);
    }

    [Fact]
    public async Task A_connection_reset_in_the_middle_is_a_broken_stream_and_not_asked_again()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(Event("a"));
            await http.Response.Body.FlushAsync();
            await read.Task;
            http.Abort();
        });
        await Should.ThrowAsync<StreamBrokenException>(async () =>
        {
            await foreach (var _ in Client.Chat.StreamAsync(s_request)) read.TrySetResult();
        });
        Upstream.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_is_no_stream_is_said_to_be()
    {
        Upstream.ThenJson(200, "{}");
        (await ReadToErrorAsync()).Thrown.Message.ShouldContain("application/json");
    }

    [Fact]
    public async Task An_error_before_the_stream_keeps_its_status()
    {
        Upstream.ThenJson(404, """{"error":{"message":"no","type":"invalid_request_error","param":null,"code":"model_not_found"}}""");
        await Should.ThrowAsync<ModelNotFoundException>(() => ReadAsync(Client.Chat.StreamAsync(s_request)));
    }

    [Fact]
    public async Task Leaving_the_loop_cancels_the_call_at_the_server()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Then(http => StayAsync(http, left, Event("a")));
        await foreach (var _ in Client.Chat.StreamAsync(s_request)) break;
        // Disposing alone would be noticed after two seconds.
        await left.Task.WaitAsync(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task The_callers_token_ends_a_stream_as_a_cancellation()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Upstream.Then(http => StayAsync(http, left, Event("a")));
        using var caller = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Client.Chat.StreamAsync(s_request, caller.Token)) await caller.CancelAsync();
        });
        await left.Task.WaitAsync(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task Completions_stream_too()
    {
        Upstream.ThenStream("data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":7,\"model\":\"m\",\"choices\":[{\"text\":\"x\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"length\"}]}\n\n", "data: [DONE]\n\n");
        (await ReadAsync(Client.Completions.StreamAsync(new CompletionRequest("m", "p")))).ShouldHaveSingleItem().Choices[0].Text.ShouldBe("x");
        Upstream.Received[0].Body.ShouldBe("""{"model":"m","prompt":"p","stream":true}""");
    }

    private static string Event(string text, string? finish = null, int index = 0)
    {
        var reason = finish is null ? "null" : $"\"{finish}\"";
        var delta = text.Length == 0 ? "{}" : $$"""{"content":"{{text}}"}""";
        return $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":{{index}},"delta":{{delta}},"logprobs":null,"finish_reason":{{reason}}}]}""" + "\n\n";
    }

    private static async Task StayAsync(HttpContext http, TaskCompletionSource left, params string[] events)
    {
        http.RequestAborted.Register(() => left.TrySetResult());
        http.Response.ContentType = "text/event-stream";
        foreach (var data in events) await http.Response.WriteAsync(data);
        await http.Response.Body.FlushAsync();
        await left.Task;
    }

    private static async Task<List<T>> ReadAsync<T>(IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();
        await foreach (var one in stream) all.Add(one);
        return all;
    }

    private async Task<(List<ChatCompletionChunk> Chunks, StreamBrokenException Thrown)> ReadToErrorAsync()
    {
        var chunks = new List<ChatCompletionChunk>();
        var thrown = await Should.ThrowAsync<StreamBrokenException>(async () =>
        {
            await foreach (var chunk in Client.Chat.StreamAsync(s_request)) chunks.Add(chunk);
        });
        return (chunks, thrown);
    }
}
