using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Gateway.Engine.Cache;
using Gateway.Engine.Constraints;
using Gateway.Engine.Measures;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Backend;

/// <summary>
/// Continuous batching over a runner. One dedicated thread turns: take newcomers, drop the abandoned, plan, forward, sample, commit, publish.
/// It never awaits, never blocks on a reader and never runs a caller's continuation.
/// </summary>
public sealed class BatchingBackend : IModelBackend
{
    private readonly IModelRunner runner;
    private readonly BatchingOptions options;
    private readonly TimeProvider time;
    private readonly KvBlocks blocks;
    private readonly Scheduler scheduler;
    private readonly Sampler sampler = new();
    private readonly TokenMasking masking = new();
    private readonly Chance seeds;
    private readonly Lock seedsLock = new();
    private readonly ConcurrentQueue<Generation> arrived = new();
    private readonly ConcurrentQueue<Generation> abandoned = new();
    private readonly HashSet<Generation> known = []; // every generation that the scheduler holds
    private readonly SemaphoreSlim wake = new(0);
    private readonly Thread thread;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pace pace;
    private readonly EngineMeasures measures;
    private float[] logits = [];
    private long lastId;
    private int inInbox;
    private volatile bool stopping;
    private int running;
    private int waiting;
    private long steps;

    /// <param name="runner">The network; used from the engine's thread only, and disposed by it.</param>
    /// <param name="card">What the model is.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">For estimates of the queue's pace.</param>
    public BatchingBackend(IModelRunner runner, ModelCard card, BatchingOptions options, TimeProvider time)
    {
        (this.runner, this.options, this.time, Card) = (runner, options, time, card);
        blocks = new KvBlocks(runner.Shape.BlockCount, runner.Shape.BlockSize);
        scheduler = new Scheduler(blocks, options.Scheduler with { Scaling = runner.Shape.Scaling });
        seeds = new Chance(options.Seed);
        pace = new Pace(time);
        measures = new EngineMeasures(runner.Shape, time);
        thread = new Thread(Run) { IsBackground = true, Name = "engine" };
        thread.Start();
    }

    /// <inheritdoc/>
    public ModelCard Card { get; }

    /// <inheritdoc/>
    public BackendLoad Load => new(Volatile.Read(ref running), Volatile.Read(ref waiting) + arrived.Count, 1 - ((double)blocks.Free / blocks.Count), Volatile.Read(ref steps));

    /// <inheritdoc/>
    public EngineMeasures Measures => measures;

    /// <inheritdoc/>
    public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (Interlocked.Add(ref inInbox, requests.Count) > options.InboxCapacity)
        {
            Interlocked.Add(ref inInbox, -requests.Count);
            throw new BackendBusyException(pace.Estimate(Volatile.Read(ref inInbox)));
        }

        var streams = new List<IAsyncEnumerable<TokenEvent>>(requests.Count);
        foreach (var request in requests)
        {
            var generation = new Generation(Interlocked.Increment(ref lastId), request, request.Sampling.Seed ?? NextSeed()) { Arrived = time.GetTimestamp() };
            arrived.Enqueue(generation);
            streams.Add(Read(generation, cancellation, CancellationToken.None));
        }

        wake.Release();
        // Dispose may have drained the inbox between the check above and the enqueueing.
        if (stopping) FailArrived();
        return streams;
    }

    /// <summary>Ends every sequence with <see cref="BackendFailedException"/>, stops the thread and disposes the runner.</summary>
    public async ValueTask DisposeAsync()
    {
        stopping = true;
        wake.Release();
        await stopped.Task.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<TokenEvent> Read(Generation generation, CancellationToken caller, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var left = caller.UnsafeRegister(_ => Abandon(generation, new OperationCanceledException(caller)), null).ConfigureAwait(false);
        await using var gone = cancellation.UnsafeRegister(_ => Abandon(generation, new OperationCanceledException(cancellation)), null).ConfigureAwait(false);
        try
        {
            await foreach (var token in generation.Events.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return token;
        }
        finally
        {
            Abandon(generation, null);
        }
    }

    private void Abandon(Generation generation, Exception? reason)
    {
        if (Interlocked.Exchange(ref generation.Ended, 1) != 0) return;
        if (reason is not null) generation.Fail(reason);
        else generation.WasEnough = true;
        abandoned.Enqueue(generation);
        wake.Release();
    }

    private long NextSeed()
    {
        lock (seedsLock) return unchecked((long)seeds.Next());
    }

    private void Run()
    {
        try
        {
            while (!stopping)
            {
                TakeAndDrop();
                if (scheduler.HasWork) Step();
                else wake.Wait();
                // One permit for each caller's nudge; a step takes all of them.
                while (wake.CurrentCount > 0) wake.Wait(0);
            }
        }
        finally
        {
            stopping = true;
            FailArrived();
            foreach (var generation in known) generation.Fail(new BackendFailedException("The model was unloaded."));
            runner.Dispose();
            stopped.TrySetResult();
        }
    }

    private void TakeAndDrop()
    {
        while (arrived.TryDequeue(out var generation))
        {
            if (Volatile.Read(ref generation.Ended) != 0)
            {
                LeaveInbox(generation);
                measures.Ended(generation, EndReason.Abort);
                continue;
            }

            known.Add(generation);
            scheduler.Add(generation);
        }

        while (abandoned.TryDequeue(out var generation))
        {
            if (known.Contains(generation)) measures.Ended(generation, generation.WasEnough ? EndReason.Stop : EndReason.Abort);
            End(generation);
        }

        SayLoad();
    }

    private void SayLoad()
    {
        Volatile.Write(ref running, scheduler.Running.Count);
        Volatile.Write(ref waiting, scheduler.Waiting);
    }

    private void Step()
    {
        var plan = scheduler.Plan();
        SayLoad();
        if (plan.Preempted.Count > 0) measures.Preemptions.Add(plan.Preempted.Count);
        foreach (var sequence in plan.Preempted) runner.Release(sequence.Id);
        foreach (var sequence in plan.OutOfSpace) Finish((Generation)sequence, -1, null, FinishReason.Length);
        if (plan.Slices.Count == 0) return;
        measures.Step(plan.Tokens);
        var began = time.GetTimestamp();
        var width = runner.Shape.Vocabulary;
        if (logits.Length < plan.LogitRows * width) logits = GC.AllocateUninitializedArray<float>(plan.LogitRows * width, pinned: true);
        try
        {
            runner.Forward(plan.Slices, logits.AsSpan(0, plan.LogitRows * width));
        }
        catch (Exception e)
        {
            // Whatever the network threw, the sequences of this step are lost and the others are not.
            foreach (var sequence in plan.Sequences.ToList()) Fail((Generation)sequence, "The model failed to compute this step.", e);
            return;
        }
        finally
        {
            Volatile.Write(ref steps, steps + 1);
        }

        scheduler.Commit();
        var row = 0;
        for (var i = 0; i < plan.Slices.Count; i++)
        {
            var generation = (Generation)plan.Sequences[i];
            if (generation.InInbox)
            {
                LeaveInbox(generation);
                generation.Waited = time.GetElapsedTime(generation.Arrived, began);
                measures.Taken(generation, began);
            }

            var slice = plan.Slices[i];
            try
            {
                if (slice.LogitRows > 0) Advance(generation, slice, logits.AsSpan(row * width, slice.LogitRows * width), width);
            }
            catch (Exception e)
            {
                // One request's rules went wrong; the thread is everybody's.
                Fail(generation, "The next token could not be chosen.", e);
            }

            row += slice.LogitRows;
        }
    }

    private void Advance(Generation generation, Slice slice, Span<float> rows, int width)
    {
        if (generation.ScoresPrompt) Score(generation, slice, rows, width);
        if (generation.Computed < generation.Known) return;
        if (generation.MaxNewTokens == 0)
        {
            Finish(generation, -1, null, FinishReason.Length);
            return;
        }

        var row = rows[^width..];
        if (!float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Max<float>(row)))
        {
            Fail(generation, "The model computed values that are not numbers.", null);
            return;
        }

        var sampling = generation.Request.Sampling;
        var raw = sampling.LogProbs is null ? null : row.ToArray();
        Bans.Apply(row, sampling, generation.Tokens.Span, generation.Generated, generation.Request.EndTokens);
        if (generation.Matcher is { } grammar) masking.Apply(row, grammar, generation.Request.EndTokens);
        int token;
        bool ended;
        do
        {
            if (float.IsNegativeInfinity(System.Numerics.Tensors.TensorPrimitives.Max<float>(row)))
            {
                // Between them the request's own rules leave no token: the answer is over, and cut short where a grammar wanted more.
                Finish(generation, -1, null, generation.Matcher is { IsAccepting: false } ? FinishReason.Length : FinishReason.Stop);
                return;
            }

            token = sampler.Sample(row, sampling, generation.Counts, generation.Chance);
            row[token] = float.NegativeInfinity;
            ended = generation.Request.EndTokens.Contains(token); // no text of the grammar
        }
        // The mask let it through and the grammar takes it, unless the text can be read in more ways than are followed.
        while (!ended && generation.Matcher?.TryAdvance(token) is false);

        generation.Append(token);
        generation.Counts?.Add(token);
        measures.Token(generation);
        if (generation.Matcher is { IsComplete: true } && !ended)
        {
            generation.Publish(token, raw is null ? null : LogProbs.Of(raw, token, sampling.LogProbs!.Value), null);
            Finish(generation, -1, null, FinishReason.Stop);
            return;
        }

        FinishReason? finish = ended ? FinishReason.Stop
            : generation.Generated >= generation.MaxNewTokens || generation.Known >= runner.Shape.ContextLength ? FinishReason.Length : null;
        var scores = raw is null ? null : LogProbs.Of(raw, token, sampling.LogProbs!.Value);
        if (finish is { } reason) Finish(generation, token, scores, reason);
        else generation.Publish(token, scores, null);
    }

    // It is counted before its reader is told: who has read the end finds it among what ended.
    private void Finish(Generation generation, int token, TokenLogProbs? scores, FinishReason reason)
    {
        measures.Ended(generation, reason == FinishReason.Stop ? EndReason.Stop : EndReason.Length);
        generation.Publish(token, scores, reason);
        End(generation);
    }

    /// <summary>The row of each prompt position says how likely the token after it was.</summary>
    private static void Score(Generation generation, Slice slice, ReadOnlySpan<float> rows, int width)
    {
        var first = slice.Start + slice.Tokens.Length - slice.LogitRows;
        for (var i = 0; i < slice.LogitRows; i++)
        {
            var position = first + i;
            if (position != generation.ScoredPositions || position >= generation.PromptLength) continue;
            generation.ScoredPositions++;
            if (position + 1 < generation.PromptLength)
                generation.PromptLogProbs!.Add(LogProbs.Of(rows.Slice(i * width, width), generation.Tokens.Span[position + 1], generation.Request.PromptLogProbs!.Value));
        }
    }

    private void Fail(Generation generation, string message, Exception? inner)
    {
        measures.Ended(generation, EndReason.Error);
        generation.Fail(new BackendFailedException(message, inner));
        End(generation);
    }

    /// <summary>Out of the scheduler, its blocks free before the next plan. Harmless when it ended before.</summary>
    private void End(Generation generation)
    {
        Volatile.Write(ref generation.Ended, 1);
        if (generation.InInbox) LeaveInbox(generation);
        if (!known.Remove(generation)) return;
        scheduler.Remove(generation);
        runner.Release(generation.Id);
        pace.Ended();
    }

    private void LeaveInbox(Generation generation)
    {
        generation.InInbox = false;
        Interlocked.Decrement(ref inInbox);
    }

    private void FailArrived()
    {
        while (arrived.TryDequeue(out var generation)) generation.Fail(new BackendFailedException("The model was unloaded."));
    }
}
