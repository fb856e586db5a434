namespace Gateway.ResponseCache;

/// <summary>In this process, within a number of bytes: who was not asked for longest goes first. Thread-safe.</summary>
internal sealed class MemoryAnswers(long maxBytes, TimeProvider time) : IAnswerStore
{
    private const int Overhead = 512; // of an entry, beside its body

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> byUse = new(); // the last one was asked for longest ago
    private long bytes;

    private sealed record Entry(string Key, KeptAnswer Answer, long Until)
    {
        public long Bytes => Answer.Body.Length + Overhead;
    }

    /// <summary>How much there is now.</summary>
    public long Bytes
    {
        get { lock (gate) return bytes; }
    }

    public ValueTask<KeptAnswer?> FindAsync(string key, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var node)) return default;
            if (node.Value.Until <= time.GetTimestamp())
            {
                Remove(node);
                return default;
            }

            byUse.Remove(node);
            byUse.AddFirst(node);
            return new(node.Value.Answer);
        }
    }

    public void Keep(string key, KeptAnswer answer, TimeSpan lasting)
    {
        var entry = new Entry(key, answer, time.GetTimestamp() + (long)(lasting.TotalSeconds * time.TimestampFrequency));
        if (entry.Bytes > maxBytes) return;
        lock (gate)
        {
            if (entries.TryGetValue(key, out var older)) Remove(older);
            while (bytes + entry.Bytes > maxBytes) Remove(byUse.Last!);
            entries[key] = byUse.AddFirst(entry);
            bytes += entry.Bytes;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        byUse.Remove(node);
        entries.Remove(node.Value.Key);
        bytes -= node.Value.Bytes;
    }
}
