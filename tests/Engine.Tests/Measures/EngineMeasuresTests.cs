using Gateway.Engine.Backend;
using Gateway.Engine.Measures;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Engine.Tests.Measures;

/// <summary>What the engine says of itself, on a clock that goes half a second a step.</summary>
public sealed class EngineMeasuresTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly ScriptedRunner runner = new(new RunnerShape(64, 400, 4, 200));

    public EngineMeasuresTests() => runner.BeforeStep = _ => time.Advance(TimeSpan.FromSeconds(0.5));

    public void Dispose() => runner.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_counted_with_its_tokens_and_its_phases()
    {
        await using var backend = Over();

        await AllAsync(backend, Request(10, 4));
        var seen = backend.Measures;

        (seen.PromptTokens.Value, seen.GeneratedTokens.Value).ShouldBe((10, 4));
        (Count(seen.FirstToken), seen.FirstToken.Sum).ShouldBe((1, 0.5));
        (Count(seen.BetweenTokens), seen.BetweenTokens.Sum).ShouldBe((3, 1.5));
        seen.RequestBetweenTokens.Sum.ShouldBe(0.5);
        (seen.EndToEnd.Sum, seen.Queue.Sum, seen.Prefill.Sum, seen.Decode.Sum, seen.Inference.Sum).ShouldBe((2, 0, 0.5, 1.5, 2));
        (seen.RequestPromptTokens.Sum, seen.RequestGeneratedTokens.Sum, seen.RequestMaxTokens.Sum, seen.Candidates.Sum).ShouldBe((10, 4, 4, 1));
        (Count(seen.StepTokens), seen.StepTokens.Sum).ShouldBe((4, 13)); // the prompt at once, then three tokens; the last is never computed
        Ends(seen).ShouldBe((0, 1, 0, 0));
    }

    [Fact]
    public async Task Who_waits_for_another_has_its_time_in_the_queue_measured()
    {
        await using var backend = Over(new BatchingOptions { Scheduler = new SchedulerOptions { MaxRunning = 1 } });
        var streams = backend.Generate([Request(3, 4), Request(5, 2) with { Candidates = null }], Cancellation);

        foreach (var stream in streams) await stream.ToListAsync(Cancellation);

        backend.Measures.Queue.Sum.ShouldBe(2);
        backend.Measures.EndToEnd.Sum.ShouldBe(2 + 3);
        Count(backend.Measures.Candidates).ShouldBe(1);
    }

    [Fact]
    public async Task A_prompt_that_was_read_before_is_found_in_the_cache_and_counts_as_asked_for()
    {
        await using var backend = Over();

        await AllAsync(backend, Request(10, 1));
        await AllAsync(backend, Request(10, 1));
        await AllAsync(backend, Request(10, 0) with { PromptLogProbs = 1 });

        (backend.Measures.PrefixQueries.Value, backend.Measures.PrefixHits.Value).ShouldBe((20, 8)); // two full blocks of four; scoring asks for none
        backend.Measures.PromptTokens.Value.ShouldBe(30);
        backend.Measures.StepTokens.Sum.ShouldBe(10 + 2 + 10);
    }

    [Fact]
    public async Task Ends_are_told_apart_whoever_brought_them_about()
    {
        await using var backend = Over();
        await AllAsync(backend, Request(3, 400) with { EndTokens = [.. Enumerable.Range(0, 64)] });
        await AllAsync(backend, Request(3, 2));
        await LeaveAsync(backend, static (read, _) => read.DisposeAsync().AsTask()); // a stop string, to who reads texts
        await LeaveAsync(backend, static (_, leaves) => leaves.CancelAsync());
        runner.BeforeStep = _ => throw new InvalidOperationException("out of memory");
        await Should.ThrowAsync<BackendFailedException>(() => AllAsync(backend, Request(3, 2)));

        Ends(backend.Measures).ShouldBe((2, 3, 1, 1));
        Count(backend.Measures.EndToEnd).ShouldBe(5); // how long somebody took to leave says nothing of the engine
    }

    [Fact]
    public async Task Preemptions_are_counted()
    {
        var small = new ScriptedRunner(new RunnerShape(64, 400, 4, 12));
        await using var backend = new BatchingBackend(small, new ModelCard("scripted", "scripted", 64, 400, "scripted"), new BatchingOptions(), time);

        foreach (var stream in backend.Generate([Request(3, 40), Request(5, 40)], Cancellation)) await stream.ToListAsync(Cancellation);

        backend.Measures.Preemptions.Value.ShouldBeGreaterThan(0);
        Ends(backend.Measures).ShouldBe((0, 2, 0, 0));
        backend.Measures.PromptTokens.Value.ShouldBe(8); // once, however often it was read
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        var measures = new EngineMeasures(runner.Shape, TimeProvider.System);
        var generation = new Generation(1, Request(10, 100_000), seed: 1);
        Turn(measures, generation, 100);

        Allocated.By(() => Turn(measures, generation, 10_000)).ShouldBe(0);
    }

    // The engine stands in its second step until somebody has left.
    private async Task LeaveAsync(BatchingBackend backend, Func<IAsyncEnumerator<TokenEvent>, CancellationTokenSource, Task> leave)
    {
        var (first, gate) = (runner.Steps, new ManualResetEventSlim());
        runner.BeforeStep = _ =>
        {
            if (runner.Steps > first) gate.Wait(Cancellation);
        };
        using var leaves = new CancellationTokenSource();
        var read = backend.Generate([Request(3, 300)], leaves.Token)[0].GetAsyncEnumerator(Cancellation);
        await read.MoveNextAsync();
        await leave(read, leaves);
        gate.Set();
        await AllAsync(backend, Request(3, 2)); // by its end the other was dropped
        await read.DisposeAsync();
        gate.Dispose();
    }

    private static void Turn(EngineMeasures measures, Generation generation, int times)
    {
        for (var i = 0; i < times; i++)
        {
            measures.Step(i);
            measures.Taken(generation, 1);
            measures.Token(generation);
            measures.Ended(generation, EndReason.Stop);
        }
    }

    private BatchingBackend Over(BatchingOptions? options = null) => new(runner, new ModelCard("scripted", "scripted", 64, 400, "scripted"), options ?? new BatchingOptions(), time);

    private static GenerationRequest Request(int prompt, int most) => new(Enumerable.Range(0, prompt).ToArray(), SamplingOptions.Greedy, most, []);

    private static async Task AllAsync(BatchingBackend backend, GenerationRequest request) => await backend.Generate([request], Cancellation)[0].ToListAsync(Cancellation);

    private static long Count(Histogram histogram) => histogram.Cumulative()[^1];

    private static (long Stop, long Length, long Abort, long Error) Ends(EngineMeasures seen) => (seen.Ended(EndReason.Stop), seen.Ended(EndReason.Length), seen.Ended(EndReason.Abort), seen.Ended(EndReason.Error));
}
