namespace Gateway.Policies;

/// <summary>
/// Who waits: higher priorities first, and among equals each key in turn, so that a key with a thousand in line holds up another by one.
/// No thread, no clock. Not thread-safe.
/// </summary>
internal sealed class FairQueue<T>
    where T : class
{
    private readonly SortedDictionary<int, LinkedList<KeyLine>> turns = new(Comparer<int>.Create(static (a, b) => b.CompareTo(a)));
    private readonly Dictionary<(int Priority, string Key), LinkedListNode<KeyLine>> lines = [];
    private readonly Dictionary<T, (LinkedListNode<KeyLine> Line, LinkedListNode<T> Item)> places = new(ReferenceEqualityComparer.Instance);

    public int Count => places.Count;

    /// <summary>Whoever waits, in no order.</summary>
    public IEnumerable<T> All => places.Keys;

    public void Add(string key, int priority, T item)
    {
        if (!lines.TryGetValue((priority, key), out var line))
        {
            if (!turns.TryGetValue(priority, out var turn)) turns[priority] = turn = [];
            lines[(priority, key)] = line = turn.AddLast(new KeyLine(key, priority, []));
        }

        places[item] = (line, line.Value.Items.AddLast(item));
    }

    /// <summary>Whose turn it is, the keys that are named left out; null for nobody's.</summary>
    public T? Next(IReadOnlySet<string> without)
    {
        foreach (var turn in turns.Values)
            foreach (var line in turn)
                if (!without.Contains(line.Key)) return line.Items.First!.Value;
        return null;
    }

    public bool Contains(T item) => places.ContainsKey(item);

    /// <summary>It was served, and its key waits for all others now.</summary>
    public void Served(T item)
    {
        var line = places[item].Line;
        Remove(item);
        if (line.List is not { } turn) return; // it was the last of its key
        turn.Remove(line);
        turn.AddLast(line);
    }

    /// <summary>It does not wait any more; false where it did not.</summary>
    public bool Remove(T item)
    {
        if (!places.Remove(item, out var place)) return false;
        var (line, node) = place;
        line.Value.Items.Remove(node);
        if (line.Value.Items.Count > 0) return true;
        var turn = line.List!;
        turn.Remove(line);
        lines.Remove((line.Value.Priority, line.Value.Key));
        if (turn.Count == 0) turns.Remove(line.Value.Priority);
        return true;
    }

    private sealed record KeyLine(string Key, int Priority, LinkedList<T> Items);
}
