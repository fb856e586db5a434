using System.Diagnostics.Metrics;
using Gateway.Configuration;
using Gateway.Storage;

namespace Gateway.StoredCompletions;

/// <summary>
/// Writes good answers to the database one after another, behind the calls that they come from: a slow or broken database costs no
/// caller anything. Who reads waits for what was added before.
/// </summary>
internal sealed class CompletionQueue : IAsyncDisposable
{
    private const long MaxBytesWaiting = 64 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(30);
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Counter<long> kept;
    private readonly Counter<long> lost;
    private readonly Lock adding = new();
    private Task last = Task.CompletedTask;
    private long bytesWaiting;

    public CompletionQueue(Database database, GatewayOptions options, TimeProvider time, IMeterFactory meters, ILogger<CompletionQueue> logger)
    {
        (this.database, this.time, this.logger, MaxBytesEach) = (database, time, logger, options.StoredCompletions.MaxBytesEach);
        var meter = meters.Create("Gateway");
        kept = meter.CreateCounter<long>("gateway.stored_completions.kept", description: "Chat completions kept for callers who asked for it.");
        lost = meter.CreateCounter<long>("gateway.stored_completions.lost", description: "Chat completions that were to be kept and could not be.");
    }

    /// <summary>Largest request and largest answer.</summary>
    public int MaxBytesEach { get; }

    /// <summary>Puts a whole good answer in line.</summary>
    public void Add(RecordedCall call, byte[] answer)
    {
        if (call.Request.Length > MaxBytesEach)
        {
            Lose(call, $"its request has more than {MaxBytesEach} bytes");
            return;
        }

        lock (adding)
        {
            if (bytesWaiting + call.Request.Length + answer.Length <= MaxBytesWaiting)
            {
                bytesWaiting += call.Request.Length + answer.Length;
                last = StoreAfterAsync(last, call, answer);
                return;
            }
        }

        Lose(call, "too many wait for the database");
    }

    /// <summary>Notes that an answer is not kept, and why; never what it says.</summary>
    public void Lose(RecordedCall call, string reason)
    {
        lost.Add(1);
        logger.LogWarning("{Id}: the chat completion was not stored: {Reason}", call.RequestId, reason);
    }

    /// <summary>Waits until what was added so far is stored or lost, but not for ever.</summary>
    public Task SettleAsync(CancellationToken cancellation) => SettleAsync(Patience, "a list of stored chat completions may lack the newest", cancellation);

    public async ValueTask DisposeAsync() => await SettleAsync(PatienceAtTheEnd, "the newest chat completions are not stored", CancellationToken.None);

    private async Task SettleAsync(TimeSpan patience, string otherwise, CancellationToken cancellation)
    {
        Task until;
        lock (adding) until = last;
        try
        {
            await until.WaitAsync(patience, time, cancellation);
        }
        catch (TimeoutException)
        {
            logger.LogWarning("The database is behind: {Otherwise}", otherwise);
        }
    }

    private async Task StoreAfterAsync(Task before, RecordedCall call, byte[] answer)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the lock and has a client to serve
        try
        {
            var row = StoredJson.ToRow(call, answer);
            await using var db = await database.OpenAsync(CancellationToken.None);
            db.Add(row);
            await db.SaveChangesAsync();
            kept.Add(1);
        }
        catch (Exception e)
        {
            Lose(call, e.GetBaseException().Message);
        }
        finally
        {
            lock (adding) bytesWaiting -= call.Request.Length + answer.Length;
        }
    }
}
