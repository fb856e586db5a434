using System.Collections.Concurrent;
using Gateway.Configuration;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.AdminConsole;

/// <summary>
/// Sessions that were ended before their time, as long as they would have lasted: here, and in the database for gateways that would take the
/// same cookie. A session is looked for there twice a second at most. Bounded: of too many the oldest is forgotten here. Thread-safe.
/// </summary>
internal sealed class EndedSessions(Database database, LiveSettings settings, TimeProvider time, ILogger<EndedSessions> logger)
{
    private const int Most = 4_096;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Queue<(Guid Id, DateTimeOffset Until)> order = new();
    private readonly HashSet<Guid> known = [];
    private readonly ConcurrentDictionary<Guid, long> looked = new();
    private readonly ConcurrentQueue<EndedSession> untold = new(); // the database was away

    /// <summary>It is over here at once, and elsewhere as soon as the database takes it.</summary>
    public async ValueTask AddAsync(Session session)
    {
        Remember(session);
        if (!IsShared) return;
        untold.Enqueue(new EndedSession { Id = session.Id.ToString("N"), Until = (session.Began + Session.Longest).ToUnixTimeSeconds() });
        await TryAsync(TellAsync);
    }

    public async ValueTask<bool> HasAsync(Session session)
    {
        lock (gate)
            if (known.Contains(session.Id)) return true;
        if (!IsShared || !database.MayHoldSomething || !IsDue(session.Id)) return false;
        var id = session.Id.ToString("N");
        var found = false;
        await TryAsync(async (db, cancellation) =>
        {
            if (!untold.IsEmpty) await TellAsync(db, cancellation);
            found = await db.EndedSessions.AnyAsync(row => row.Id == id, cancellation);
        });
        if (found) Remember(session);
        return found;
    }

    // Without an admin key a session is sealed by one process, and no other takes it.
    private bool IsShared => settings.Current.Options.AdminKey is not null;

    private void Remember(Session session)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (order.TryPeek(out var oldest) && (oldest.Until <= now || order.Count >= Most)) known.Remove(order.Dequeue().Id);
            if (known.Add(session.Id)) order.Enqueue((session.Id, session.Began + Session.Longest));
        }
    }

    private bool IsDue(Guid id)
    {
        var now = time.GetTimestamp();
        if (looked.TryGetValue(id, out var last) && time.GetElapsedTime(last, now) < LookEvery) return false;
        if (looked.Count >= Most) looked.Clear();
        looked[id] = now;
        return true;
    }

    private async Task TellAsync(GatewayDb db, CancellationToken cancellation)
    {
        await db.EndedSessions.Where(row => row.Until < time.GetUtcNow().ToUnixTimeSeconds()).ExecuteDeleteAsync(cancellation);
        while (untold.TryPeek(out var one))
        {
            if (!await db.EndedSessions.AnyAsync(row => row.Id == one.Id, cancellation))
            {
                db.EndedSessions.Add(one);
                await db.SaveChangesAsync(cancellation);
            }

            untold.TryDequeue(out _);
        }
    }

    // Who administers goes on while the database is away, as known keys do.
    private async Task TryAsync(Func<GatewayDb, CancellationToken, Task> work)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        try
        {
            await using var db = await database.OpenAsync(limit.Token);
            await work(db, limit.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogWarning("The database cannot be asked about ended sessions: {Reason}", e.GetBaseException().Message);
        }
    }
}
