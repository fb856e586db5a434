using System.Collections.Concurrent;
using System.Numerics.Tensors;
using Gateway.Engine.Backend;

namespace Gateway.Engine.Encoders;

/// <summary>
/// A loaded embedding model or cross-encoder. Texts of all calls are batched by length on one dedicated thread, which takes newcomers, drops
/// the abandoned, runs a step and hands results over; it never awaits and never runs a caller's continuation. Safe to call from any thread.
/// </summary>
public sealed class EncoderBackend : IAsyncDisposable
{
    private readonly IEncoderRunner runner;
    private readonly Readout readout;
    private readonly EncoderOptions options;
    private readonly LengthBatcher batcher;
    private readonly Pace pace;
    private readonly ConcurrentQueue<EncodingCall> arrived = new();
    private readonly ConcurrentQueue<EncodingCall> abandoned = new();
    private readonly HashSet<EncodingCall> known = []; // every call that is not over
    private readonly SemaphoreSlim wake = new(0);
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private float[] hidden = [];
    private int inInbox;
    private int running;
    private long steps;
    private volatile bool stopping;

    /// <param name="runner">The network; used from the engine's thread only, and disposed by it.</param>
    /// <param name="readout">From its hidden states to results.</param>
    /// <param name="card">What the model is.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">For estimates of the queue's pace.</param>
    public EncoderBackend(IEncoderRunner runner, Readout readout, ModelCard card, EncoderOptions options, TimeProvider time)
    {
        (this.runner, this.readout, this.options, Card) = (runner, readout, options, card);
        batcher = new LengthBatcher(options.MaxStepTokens ?? runner.Shape.StepTokens, options.MaxStepTexts);
        pace = new Pace(time);
        new Thread(Run) { IsBackground = true, Name = "encoder" }.Start();
    }

    /// <summary>What the model is.</summary>
    public ModelCard Card { get; }

    /// <summary>Width of a result.</summary>
    public int Width => readout.Width;

    /// <summary>How busy the backend is now, in texts; a snapshot.</summary>
    public BackendLoad Load => new(Volatile.Read(ref running), Math.Max(0, Volatile.Read(ref inInbox) - Volatile.Read(ref running)), 0, Volatile.Read(ref steps));

    /// <summary>Computes the result of each text, in their order.</summary>
    /// <param name="inputs">Each at least one token, none longer than the context, ids below the vocabulary.</param>
    /// <param name="cancellation">Abandons what no step has taken yet.</param>
    /// <exception cref="ArgumentException">An input is not as said.</exception>
    /// <exception cref="BackendBusyException">The inbox cannot take them; nothing was queued.</exception>
    /// <exception cref="BackendFailedException">The step of one of them failed.</exception>
    public async Task<IReadOnlyList<float[]>> EncodeAsync(IReadOnlyList<EncoderInput> inputs, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        foreach (var input in inputs) Check(input);
        if (inputs.Count == 0) return [];
        if (Interlocked.Add(ref inInbox, inputs.Count) > options.InboxCapacity)
        {
            Interlocked.Add(ref inInbox, -inputs.Count);
            throw new BackendBusyException(pace.Estimate(Volatile.Read(ref inInbox)));
        }

        var call = new EncodingCall(inputs);
        arrived.Enqueue(call);
        wake.Release();
        // Dispose may have drained the inbox between the check above and the enqueueing.
        if (stopping) FailArrived();
        await using var left = cancellation.UnsafeRegister(_ => Abandon(call, cancellation), null).ConfigureAwait(false);
        return await call.Task.ConfigureAwait(false);
    }

    /// <summary>Ends every call with <see cref="BackendFailedException"/>, stops the thread and disposes the runner.</summary>
    public async ValueTask DisposeAsync()
    {
        stopping = true;
        wake.Release();
        await stopped.Task.ConfigureAwait(false);
    }

    private void Check(in EncoderInput input)
    {
        if (input.Tokens.IsEmpty || input.Tokens.Length > runner.Shape.ContextLength)
            throw new ArgumentException($"A text of {input.Tokens.Length} tokens is not within 1 to {runner.Shape.ContextLength}.");
        if (TensorPrimitives.Min(input.Tokens.Span) < 0 || TensorPrimitives.Max(input.Tokens.Span) >= runner.Shape.Vocabulary)
            throw new ArgumentException($"A token id is not within 0 to {runner.Shape.Vocabulary - 1}.");
    }

    private void Abandon(EncodingCall call, CancellationToken cancellation)
    {
        if (!call.Fail(new OperationCanceledException(cancellation))) return;
        abandoned.Enqueue(call);
        wake.Release();
    }

    private void Run()
    {
        try
        {
            while (!stopping)
            {
                TakeAndDrop();
                if (batcher.Count > 0) Step(batcher.Next());
                else wake.Wait();
                // One permit for each caller's nudge; a step takes all of them.
                while (wake.CurrentCount > 0) wake.Wait(0);
            }
        }
        finally
        {
            stopping = true;
            FailArrived();
            foreach (var call in known) call.Fail(new BackendFailedException("The model was unloaded."));
            runner.Dispose();
            stopped.TrySetResult();
        }
    }

    private void TakeAndDrop()
    {
        while (arrived.TryDequeue(out var call))
        {
            if (Volatile.Read(ref call.Ended) != 0)
            {
                Interlocked.Add(ref inInbox, -call.Inputs.Count);
                continue;
            }

            known.Add(call);
            batcher.Add(call);
        }

        while (abandoned.TryDequeue(out var call)) Drop(call);
    }

    private void Step(IReadOnlyList<EncodingItem> items)
    {
        Volatile.Write(ref running, items.Count);
        var inputs = items.Select(item => item.Input).ToList();
        var rows = readout.Rows == EncodedRows.All ? items.Sum(item => item.Length) : items.Count;
        var size = checked(rows * readout.Hidden);
        if (hidden.Length < size) hidden = GC.AllocateUninitializedArray<float>(size, pinned: true);
        try
        {
            runner.Forward(inputs, readout.Rows, hidden.AsSpan(0, size));
        }
        catch (Exception e)
        {
            // Whatever the network threw, the calls of this step are lost and the others are not.
            Fail(items, "The model failed to compute this step.", e);
            return;
        }
        finally
        {
            Volatile.Write(ref steps, steps + 1);
            Volatile.Write(ref running, 0);
            Interlocked.Add(ref inInbox, -items.Count);
        }

        var at = 0;
        foreach (var item in items)
        {
            var length = (readout.Rows == EncodedRows.All ? item.Length : 1) * readout.Hidden;
            var vector = readout.Apply(hidden.AsSpan(at, length), item.Input.PromptTokens);
            at += length;
            pace.Ended();
            if (!float.IsFinite(TensorPrimitives.Sum<float>(vector))) Fail([item], "The model computed values that are not numbers.", null);
            else item.Call.Give(item.Index, vector);
            if (Volatile.Read(ref item.Call.Ended) != 0) Drop(item.Call);
        }
    }

    private void Fail(IReadOnlyList<EncodingItem> items, string message, Exception? inner)
    {
        foreach (var call in items.Select(item => item.Call).Distinct())
        {
            call.Fail(new BackendFailedException(message, inner));
            Drop(call);
        }
    }

    /// <summary>Out of the queue. Harmless when it is over.</summary>
    private void Drop(EncodingCall call)
    {
        if (!known.Remove(call)) return;
        Interlocked.Add(ref inInbox, -call.Waiting.Count);
        batcher.Remove(call);
    }

    private void FailArrived()
    {
        while (arrived.TryDequeue(out var call)) call.Fail(new BackendFailedException("The model was unloaded."));
    }
}
