namespace Gateway.Engine.Encoders;

/// <summary>One caller's texts and the vectors that are ready. The engine's thread owns all but <see cref="Ended"/> and the task.</summary>
internal sealed class EncodingCall
{
    private readonly TaskCompletionSource<IReadOnlyList<float[]>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly float[][] vectors;
    private int missing;

    public EncodingCall(IReadOnlyList<EncoderInput> inputs)
    {
        vectors = new float[inputs.Count][];
        missing = inputs.Count;
        Inputs = inputs;
    }

    public IReadOnlyList<EncoderInput> Inputs { get; }

    /// <summary>Those that no step has taken yet.</summary>
    public LinkedList<EncodingItem> Waiting { get; } = [];

    public Task<IReadOnlyList<float[]>> Task => done.Task;

    /// <summary>Set by whoever ends it first.</summary>
    public int Ended;

    public void Give(int index, float[] vector)
    {
        vectors[index] = vector;
        if (--missing == 0 && Interlocked.Exchange(ref Ended, 1) == 0) done.TrySetResult(vectors);
    }

    /// <returns>Whether this ended it.</returns>
    public bool Fail(Exception e)
    {
        if (Interlocked.Exchange(ref Ended, 1) != 0) return false;
        return done.TrySetException(e);
    }
}
