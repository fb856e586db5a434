using Gateway.Calls;

namespace Gateway.Usage;

/// <summary>Calls that are not over, in several lists so that processors seldom meet at one lock. Thread-safe.</summary>
internal sealed class RunningCalls
{
    private const int Stripes = 16;

    private readonly LinkedList<Call>[] lists = [.. Enumerable.Range(0, Stripes).Select(static _ => new LinkedList<Call>())];

    public LinkedListNode<Call> Add(Call call)
    {
        var node = new LinkedListNode<Call>(call);
        var list = lists[Environment.CurrentManagedThreadId % Stripes];
        lock (list) list.AddLast(node);
        return node;
    }

    public static void Remove(LinkedListNode<Call> node)
    {
        if (node.List is not { } list) return;
        lock (list) list.Remove(node);
    }

    /// <summary>Those that have run for a while.</summary>
    public List<Call> Since(TimeSpan age)
    {
        var found = new List<Call>();
        foreach (var list in lists)
            lock (list)
                foreach (var call in list)
                {
                    if (call.Time.GetElapsedTime(call.Began) < age) break; // they stand in the order of their beginnings, or nearly
                    found.Add(call);
                }

        return found;
    }
}
