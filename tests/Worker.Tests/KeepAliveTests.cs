using System.Runtime.CompilerServices;
using System.Text;
using Gateway.Engine.Backend;
using Gateway.Worker.Requests;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Worker.Tests;

/// <summary>A stream whose prompt takes long: comments keep it alive, and until they start a failure keeps its status.</summary>
public class KeepAliveTests
{
    [Fact]
    public async Task Comments_come_while_a_long_prompt_is_computed_and_the_answer_follows()
    {
        var time = new FakeTimeProvider();
        var backend = new LateBackend();
        await using var surface = await Surface.StartAsync(_ => backend, time: time);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body() };
        var answer = surface.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await AdvanceUntilAsync(time, answer);
        using var response = await answer;
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        using var reader = new StreamReader(body);
        (await reader.ReadLineAsync(Cancellation)).ShouldBe(": keep-alive");

        backend.Gate.SetResult();
        var rest = await reader.ReadToEndAsync(Cancellation);

        rest.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1].ShouldBe("data: [DONE]");
        rest.ShouldContain("\"finish_reason\":\"stop\"");
    }

    [Fact]
    public async Task A_failure_after_the_first_comment_is_one_error_event()
    {
        var time = new FakeTimeProvider();
        var backend = new LateBackend();
        await using var surface = await Surface.StartAsync(_ => backend, time: time);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body() };
        var answer = surface.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await AdvanceUntilAsync(time, answer);
        using var response = await answer;

        backend.Gate.SetException(new BackendFailedException("scripted"));
        var text = await response.Content.ReadAsStringAsync(Cancellation);

        text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1].ShouldStartWith("data: {\"error\":");
        text.ShouldNotContain("[DONE]");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StringContent Body() => new(Surface.Chat(",\"stream\":true"), Encoding.UTF8, "application/json");

    // The request reaches its wait at a moment that nobody outside can see: time moves on until the headers are there.
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Task headers)
    {
        while (!headers.IsCompleted)
        {
            time.Advance(Delivery.Patience);
            await Task.Yield();
        }
    }

    private sealed class LateBackend : IModelBackend
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ModelCard Card { get; } = new("tiny-chat", "llama", 3072, 256, "late");

        public BackendLoad Load => default;

        public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation) => [ReadAsync(cancellation)];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async IAsyncEnumerable<TokenEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            await Gate.Task.WaitAsync(cancellation);
            yield return new TokenEvent(300);
            yield return new TokenEvent(2, Finish: FinishReason.Stop);
        }
    }
}
