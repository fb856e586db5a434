using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Keys;

/// <summary>
/// Learns four times a second which keys were changed by anybody, so that one that is disabled anywhere is dead everywhere within a second.
/// Opens no database that is not there.
/// </summary>
internal sealed class KeyFeed(Database database, KeyCache cache, TimeProvider time, ILogger<KeyFeed> logger) : BackgroundService
{
    private const int MostAtOnce = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MostForOne = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim one = new(1, 1);
    private long seen = -1;
    private long heard = time.GetTimestamp();
    private volatile bool made;
    private bool failing;

    /// <summary>Whether a key was ever made here; null before the database has said so.</summary>
    public bool? Any => made ? true : Volatile.Read(ref seen) switch { > 0 => true, 0 => false, _ => null };

    /// <summary>Whether what is remembered may be used. For a while it may when the database is gone: calls go on.</summary>
    public bool IsFresh => time.GetElapsedTime(Volatile.Read(ref heard)) < Patience;

    /// <summary>Asks the database, whoever else does.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellation)
    {
        if (Any is null) await PollAsync(cancellation);
        return Any ?? throw new InvalidOperationException("the database was asked and said nothing");
    }

    /// <summary>Somebody here made a change.</summary>
    public void Note(string id)
    {
        made = true; // what a poll under way has read is older
        cache.Forget(new HashSet<string>(StringComparer.Ordinal) { id });
    }

    /// <summary>Forgets what changed since it was asked last.</summary>
    public async Task PollAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var from = Volatile.Read(ref seen);
            if (database.MayHoldSomething) Volatile.Write(ref seen, await ReadAsync(from, cancellation));
            else Interlocked.CompareExchange(ref seen, 0, -1);
            Volatile.Write(ref heard, time.GetTimestamp());
        }
        finally
        {
            one.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose(); // a poll under way is told
        one.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do await PollQuietlyAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (Exception e) when (stoppingToken.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
        {
            // The program ends.
        }
    }

    private async Task<long> ReadAsync(long from, CancellationToken cancellation)
    {
        await using var db = await database.OpenAsync(cancellation);
        var number = await NumberAsync(db, cancellation);
        if (number == from) return number;
        var ids = from < 0 || number < from ? [] : await db.Keys.Where(row => row.Changed > from).OrderBy(row => row.Changed).Select(row => row.Id).Take(MostAtOnce).ToListAsync(cancellation);
        if (from < 0 || number < from || ids.Count == MostAtOnce) cache.Clear(); // another database than before, or too many to name
        else cache.Forget(ids.ToHashSet(StringComparer.Ordinal));
        return number;
    }

    // By a statement of its own, because it is asked all day: the object mapper takes twice as long, and 70 ms the first time.
    private static async Task<long> NumberAsync(GatewayDb db, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT number FROM key_changes";
        return await command.ExecuteScalarAsync(cancellation) is long number ? number : throw new InvalidOperationException("the table of changes of keys has no row");
    }

    private async Task PollQuietlyAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(MostForOne);
        try
        {
            await PollAsync(limit.Token);
            if (failing) logger.LogInformation("The database of keys answers again");
            failing = false;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            if (!failing) logger.LogWarning("The database cannot be asked which keys changed; known ones go on for {Minutes} minutes: {Reason}", Patience.TotalMinutes, e.GetBaseException().Message);
            failing = true;
        }
    }
}
