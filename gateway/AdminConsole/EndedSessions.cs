namespace Gateway.AdminConsole;

/// <summary>Sessions that were ended before their time, as long as they would have lasted. Bounded: of too many the oldest is forgotten. Thread-safe.</summary>
internal sealed class EndedSessions(TimeProvider time)
{
    private const int Most = 4_096;

    private readonly Lock gate = new();
    private readonly Queue<(Guid Id, DateTimeOffset Until)> order = new();
    private readonly HashSet<Guid> known = [];

    public void Add(Session session)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (order.TryPeek(out var oldest) && (oldest.Until <= now || order.Count >= Most)) known.Remove(order.Dequeue().Id);
            if (known.Add(session.Id)) order.Enqueue((session.Id, session.Began + Session.Longest));
        }
    }

    public bool Has(Session session)
    {
        lock (gate) return known.Contains(session.Id);
    }
}
