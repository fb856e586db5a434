using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;

namespace Gateway.Engine.Tests.Encoders;

public class EncoderBackendTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_at_once_get_their_own_vectors_in_their_own_order()
    {
        await using var backend = Backend(new CountingEncoder());
        await Parallel.ForAsync(0, 50, Cancellation, async (call, cancellation) =>
        {
            var inputs = Enumerable.Range(0, 20).Select(i => Text((call * 20) % 660, 1 + ((call + (i * 7)) % 30))).ToList();
            var vectors = await backend.EncodeAsync(inputs, cancellation);
            // The mean of the positions tells the length.
            vectors.Select(vector => (vector[0], (vector[1] * 2) + 1)).ShouldBe(inputs.Select(input => ((float)input.Tokens.Span[0], (float)input.Tokens.Length)));
        });
        backend.Load.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_waiting_texts_are_never_computed()
    {
        var runner = new CountingEncoder { Gate = new SemaphoreSlim(0) };
        await using var backend = Backend(runner, new EncoderOptions { MaxStepTokens = 4 });
        using var left = new CancellationTokenSource();
        var first = backend.EncodeAsync([Text(1, 4)], Cancellation);
        await runner.Begun.WaitAsync(Cancellation);
        var leaving = backend.EncodeAsync([Text(2, 4), Text(3, 4)], left.Token);
        var last = backend.EncodeAsync([Text(4, 4)], Cancellation);

        await left.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(leaving)).CancellationToken.ShouldBe(left.Token);
        runner.Gate.Release(10);
        await first;
        await last;

        runner.Steps.ShouldBe([[1], [4]]);
        backend.Load.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_call_that_the_inbox_cannot_take_is_refused_whole_and_space_comes_back()
    {
        var runner = new CountingEncoder { Gate = new SemaphoreSlim(0) };
        await using var backend = Backend(runner, new EncoderOptions { InboxCapacity = 3 });
        var two = backend.EncodeAsync([Text(1, 2), Text(2, 2)], Cancellation);

        var refused = await Should.ThrowAsync<BackendBusyException>(() => backend.EncodeAsync([Text(3, 2), Text(4, 2)], Cancellation));
        refused.RetryAfter.ShouldBeGreaterThan(TimeSpan.Zero);
        runner.Gate.Release(10);
        await two;
        await backend.EncodeAsync([Text(3, 2), Text(4, 2), Text(5, 2)], Cancellation);

        runner.Steps.SelectMany(step => step).ShouldBe([1, 2, 3, 4, 5]);
    }

    [Theory]
    [InlineData(CountingEncoder.Throws)]
    [InlineData(CountingEncoder.NotANumber)]
    public async Task A_step_that_fails_ends_its_calls_and_the_next_call_is_served(int token)
    {
        await using var backend = Backend(new CountingEncoder());
        await Should.ThrowAsync<BackendFailedException>(() => backend.EncodeAsync([Text(token, 2)], Cancellation));
        (await backend.EncodeAsync([Text(5, 3)], Cancellation))[0].ShouldBe([5, 1]);
        backend.Load.ShouldBe(new BackendLoad(0, 0, 0, Steps: 2));
    }

    [Fact]
    public async Task Texts_that_the_network_cannot_read_are_refused_before_they_are_queued()
    {
        await using var backend = Backend(new CountingEncoder());
        foreach (var input in (EncoderInput[])[Text(1, 0), Text(1, 65), Text(1000, 1), Text(-1, 1)])
            await Should.ThrowAsync<ArgumentException>(() => backend.EncodeAsync([input], Cancellation));
        (await backend.EncodeAsync([], Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unloading_ends_calls_that_wait_and_disposes_the_network()
    {
        var runner = new CountingEncoder { Gate = new SemaphoreSlim(0) };
        var backend = Backend(runner, new EncoderOptions { MaxStepTokens = 2 });
        var computing = backend.EncodeAsync([Text(1, 2)], Cancellation);
        await runner.Begun.WaitAsync(Cancellation);
        var waiting = backend.EncodeAsync([Text(2, 2)], Cancellation);
        var unloading = backend.DisposeAsync();
        runner.Gate.Release(10);

        await unloading;
        await computing;

        await Should.ThrowAsync<BackendFailedException>(waiting);
        runner.Disposed.ShouldBeTrue();
        await Should.ThrowAsync<ObjectDisposedException>(() => backend.EncodeAsync([Text(1, 1)], Cancellation));
    }

    private static EncoderBackend Backend(CountingEncoder runner, EncoderOptions? options = null) =>
        new(runner, new Readout(2, [PoolingMode.Mean], []), new ModelCard("m", "counting", 1000, 64, "test"), options ?? new EncoderOptions(), TimeProvider.System);

    private static EncoderInput Text(int token, int length) => new(Enumerable.Repeat(token, length).ToArray());
}
