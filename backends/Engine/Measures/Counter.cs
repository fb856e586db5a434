namespace Gateway.Engine.Measures;

/// <summary>What only grows. One thread adds, any may read.</summary>
public sealed class Counter
{
    private long value;

    /// <summary>So far.</summary>
    public long Value => Volatile.Read(ref value);

    internal void Add(long more) => Volatile.Write(ref value, value + more);
}
