namespace Gateway.Routing;

/// <summary>
/// How many attempts ended for each reason, at a target or at several that metrics count together. Lives as long as the program, so that counts
/// never fall. Thread-safe.
/// </summary>
/// <param name="upstream">What metrics call the upstream.</param>
/// <param name="model">And the model.</param>
public sealed class Tally(string upstream, string model)
{
    private readonly Lock gate = new();
    private Count[] counts = []; // few, for reasons are a closed vocabulary; the first that came is nearly always the one

    /// <summary>The label of the upstream.</summary>
    public string Upstream { get; } = upstream;

    /// <summary>The label of the model.</summary>
    public string Model { get; } = model;

    /// <summary>How many, by reason.</summary>
    public IEnumerable<(string Reason, long Attempts)> Counts => Volatile.Read(ref counts).Select(static count => (count.Reason, Volatile.Read(ref count.Attempts)));

    /// <summary>One more.</summary>
    public void Add(string reason) => Interlocked.Increment(ref (Find(reason) ?? Make(reason)).Attempts);

    private Count? Find(string reason)
    {
        foreach (var count in Volatile.Read(ref counts))
            if (count.Reason == reason) return count;
        return null;
    }

    private Count Make(string reason)
    {
        lock (gate)
        {
            if (Find(reason) is { } meanwhile) return meanwhile;
            var made = new Count(reason);
            Volatile.Write(ref counts, [.. counts, made]);
            return made;
        }
    }

    private sealed class Count(string reason)
    {
        public readonly string Reason = reason;
        public long Attempts;
    }
}
