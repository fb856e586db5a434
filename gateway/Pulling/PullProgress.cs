namespace Gateway.Pulling;

/// <summary>How far a pull is; written by its connections, read by whoever shows it. Thread-safe.</summary>
public sealed class PullProgress
{
    private long done;
    private long total;
    private long received;

    /// <summary>Bytes of the model.</summary>
    public long Total => Interlocked.Read(ref total);

    /// <summary>Bytes that are there, from earlier attempts too.</summary>
    public long Done => Interlocked.Read(ref done);

    /// <summary>Bytes that came in this attempt.</summary>
    public long Received => Interlocked.Read(ref received);

    /// <summary>Called with a line for people, from any thread.</summary>
    public Action<string>? Said { get; init; }

    internal void Begin(long bytes, long resumed)
    {
        Interlocked.Exchange(ref done, resumed);
        Interlocked.Exchange(ref total, bytes);
    }

    internal void Add(long bytes)
    {
        Interlocked.Add(ref done, bytes);
        Interlocked.Add(ref received, bytes);
    }

    internal void Lose(long bytes) => Interlocked.Add(ref done, -bytes);

    internal void Say(string line) => Said?.Invoke(line);
}
