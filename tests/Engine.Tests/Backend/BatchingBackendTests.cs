using System.Collections.Immutable;
using Gateway.Engine.Backend;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Tests.Backend;

public class BatchingBackendTests
{
    private static readonly ModelCard Card = new("scripted", "scripted", 64, 400, "scripted");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ScriptedRunner Runner(int blocks = 200) => new(new RunnerShape(64, 400, 4, blocks));

    private static BatchingBackend Over(ScriptedRunner runner, BatchingOptions? options = null) => new(runner, Card, options ?? new BatchingOptions(), TimeProvider.System);

    private static async Task<List<TokenEvent>> AllAsync(IAsyncEnumerable<TokenEvent> events) => await events.ToListAsync(Cancellation);

    private static GenerationRequest Request(Random random, int shared)
    {
        // Some begin alike, so that prefixes are shared.
        int[] prompt = [.. Enumerable.Range(0, random.Next(0, shared + 1)).Select(i => i % 60), .. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(64))];
        var sampling = random.Next(3) == 0
            ? SamplingOptions.Greedy
            : new SamplingOptions { Temperature = 0.8, TopP = 0.9, TopK = random.Next(30), Seed = random.Next(), PresencePenalty = random.Next(2), RepetitionPenalty = 1 + (random.Next(2) * 0.3) };
        return new GenerationRequest(prompt, sampling, random.Next(1, 60), [63]);
    }

    [Fact]
    public async Task Batched_equals_alone_whatever_arrives_and_leaves_meanwhile()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var requests = Enumerable.Range(0, 20).Select(_ => Request(random, 50)).ToList();
            var alone = new List<int[]>();
            await using (var single = Over(Runner()))
                foreach (var request in requests) alone.Add([.. (await AllAsync(single.Generate([request], Cancellation)[0])).Select(e => e.Token)]);

            // So few blocks that preemption is certain, so few tokens a step that prompts come in pieces.
            var runner = Runner(blocks: 34);
            await using var crowd = Over(runner, new BatchingOptions { Scheduler = new SchedulerOptions { StepTokens = 24, MaxRunning = 12 } });
            var arrivals = requests.Select(async (request, i) =>
            {
                for (var turn = 0; turn < i % 5; turn++) await Task.Yield();
                if (i % 6 == 5) await LeaveEarlyAsync(crowd, request);
                return (await AllAsync(crowd.Generate([request], Cancellation)[0])).Select(e => e.Token).ToArray();
            });
            var together = await Task.WhenAll(arrivals);

            for (var i = 0; i < requests.Count; i++) together[i].ShouldBe(alone[i], $"seed {seed}, request {i}");
            runner.LargestStep.ShouldBeLessThanOrEqualTo(24);
        }
    }

    private static async Task LeaveEarlyAsync(BatchingBackend backend, GenerationRequest request)
    {
        await foreach (var _ in backend.Generate([request], Cancellation)[0]) break;
    }

    /// <summary>Keeps the engine in its second step until the gate opens, so that a stream cannot end before the test acts.</summary>
    private static ManualResetEventSlim HeldAfterTheFirstStep(ScriptedRunner runner)
    {
        var gate = new ManualResetEventSlim();
        runner.BeforeStep = _ =>
        {
            if (runner.Steps > 0) gate.Wait(Cancellation);
        };
        return gate;
    }

    [Fact]
    public async Task An_abandoned_stream_gives_its_blocks_back()
    {
        await using var backend = Over(Runner());
        await LeaveEarlyAsync(backend, new GenerationRequest(new int[100], SamplingOptions.Greedy, 250, []));

        // The next one runs after the abandoned one was dropped.
        await AllAsync(backend.Generate([new GenerationRequest(new[] { 1 }, SamplingOptions.Greedy, 1, [])], Cancellation)[0]);

        backend.Load.Running.ShouldBe(0);
        backend.Load.CacheUsage.ShouldBe(0);
    }

    [Fact]
    public async Task Cancelling_ends_the_stream_with_cancellation()
    {
        var runner = Runner();
        using var gate = HeldAfterTheFirstStep(runner);
        await using var backend = Over(runner);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var events = backend.Generate([new GenerationRequest(new[] { 1 }, SamplingOptions.Greedy, 390, [])], leave.Token)[0].GetAsyncEnumerator(Cancellation);
        (await events.MoveNextAsync()).ShouldBeTrue();

        await leave.CancelAsync();
        gate.Set();

        await Should.ThrowAsync<OperationCanceledException>(async () => { while (await events.MoveNextAsync()) { } });
    }

    [Fact]
    public async Task A_full_inbox_refuses_all_of_a_call_or_none_and_says_when_to_come_back()
    {
        var runner = Runner();
        using var gate = new ManualResetEventSlim();
        runner.BeforeStep = _ => gate.Wait(Cancellation);
        await using var backend = Over(runner, new BatchingOptions { InboxCapacity = 3 });
        var request = new GenerationRequest(new[] { 1 }, SamplingOptions.Greedy, 1, []);
        var accepted = backend.Generate([request, request], Cancellation);

        var refused = Should.Throw<BackendBusyException>(() => backend.Generate([request, request], Cancellation));

        refused.RetryAfter.TotalSeconds.ShouldBeInRange(1, 60);
        var last = backend.Generate([request], Cancellation);
        gate.Set();
        foreach (var stream in accepted.Concat(last)) (await AllAsync(stream)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_step_that_fails_takes_its_sequences_with_it_and_no_others()
    {
        var runner = Runner();
        runner.BeforeStep = _ => throw new InvalidOperationException("out of memory");
        await using var backend = Over(runner);
        var request = new GenerationRequest(new[] { 1, 2 }, SamplingOptions.Greedy, 3, []);

        await Should.ThrowAsync<BackendFailedException>(() => AllAsync(backend.Generate([request], Cancellation)[0]));

        runner.BeforeStep = null;
        (await AllAsync(backend.Generate([request], Cancellation)[0])).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_request_whose_token_cannot_be_chosen_fails_alone()
    {
        await using var backend = Over(Runner());
        var wrong = SamplingOptions.Greedy with { LogitBias = ImmutableDictionary<int, float>.Empty.Add(64, 1) }; // the vocabulary ends at 63
        var streams = backend.Generate([new GenerationRequest(new[] { 1, 2 }, wrong, 3, []), new GenerationRequest(new[] { 1, 2 }, SamplingOptions.Greedy, 3, [])], Cancellation);

        await Should.ThrowAsync<BackendFailedException>(() => AllAsync(streams[0]));
        (await AllAsync(streams[1])).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_bias_that_bans_every_token_ends_the_answer_and_not_the_model(double temperature)
    {
        await using var backend = Over(Runner());
        var none = new SamplingOptions { Temperature = temperature, TopP = 0.9, LogitBias = Enumerable.Range(0, 64).ToImmutableDictionary(token => token, _ => -100f) };

        (await AllAsync(backend.Generate([new GenerationRequest(new[] { 1 }, none, 3, [])], Cancellation)[0])).ShouldHaveSingleItem().Finish.ShouldBe(FinishReason.Stop);
        (await AllAsync(backend.Generate([new GenerationRequest(new[] { 1, 2 }, SamplingOptions.Greedy, 3, [])], Cancellation)[0])).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Unloading_ends_every_stream_and_disposes_the_runner()
    {
        var runner = Runner();
        using var gate = HeldAfterTheFirstStep(runner);
        var backend = Over(runner);
        var events = backend.Generate([new GenerationRequest(new[] { 1 }, SamplingOptions.Greedy, 390, [])], Cancellation)[0].GetAsyncEnumerator(Cancellation);
        await events.MoveNextAsync();

        var disposed = backend.DisposeAsync();
        gate.Set();
        await disposed;

        await Should.ThrowAsync<BackendFailedException>(async () => { while (await events.MoveNextAsync()) { } });
        runner.Disposed.ShouldBeTrue();
    }

    [Fact]
    public async Task An_end_token_is_the_last_event_and_a_limit_is_a_length()
    {
        await using var backend = Over(Runner());
        var free = await AllAsync(backend.Generate([new GenerationRequest(new[] { 5 }, SamplingOptions.Greedy, 10, [])], Cancellation)[0]);
        free[^1].Finish.ShouldBe(FinishReason.Length);

        var stopped = await AllAsync(backend.Generate([new GenerationRequest(new[] { 5 }, SamplingOptions.Greedy, 10, [free[2].Token])], Cancellation)[0]);

        stopped.Select(e => e.Token).ShouldBe(free.Take(3).Select(e => e.Token));
        stopped[^1].Finish.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task Scoring_in_pieces_gives_what_scoring_at_once_gives()
    {
        int[] prompt = [.. Enumerable.Range(0, 50).Select(i => i * 7 % 64)];
        var request = new GenerationRequest(prompt, SamplingOptions.Greedy, 0, [], PromptLogProbs: 3);
        var scores = new List<IReadOnlyList<TokenLogProbs?>>();
        foreach (var rows in (int[])[64, 5])
        {
            await using var backend = Over(Runner(), new BatchingOptions { Scheduler = new SchedulerOptions { StepTokens = 64, ScoringRows = rows } });
            var only = (await AllAsync(backend.Generate([request], Cancellation)[0])).ShouldHaveSingleItem();
            (only.Token, only.Finish).ShouldBe((-1, FinishReason.Length));
            scores.Add(only.Prompt!);
        }

        scores[0].Count.ShouldBe(50);
        scores[0][0].ShouldBeNull();
        scores[0].Skip(1).Select(s => (s!.Token, s.LogProb)).ShouldBe(scores[1].Skip(1).Select(s => (s!.Token, s.LogProb)));
        scores[0].Skip(1).Select(s => s!.Token).ShouldBe(prompt.Skip(1));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_tokens_and_another_seed_others()
    {
        await using var backend = Over(Runner());
        var sampling = new SamplingOptions { Seed = 42 };
        async Task<int[]> Run(SamplingOptions options) => [.. (await AllAsync(backend.Generate([new GenerationRequest(new[] { 1 }, options, 40, [])], Cancellation)[0])).Select(e => e.Token)];

        (await Run(sampling)).ShouldBe(await Run(sampling));
        (await Run(sampling)).ShouldNotBe(await Run(sampling with { Seed = 43 }));
    }
}
