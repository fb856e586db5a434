using System.Data.Common;
using Gateway.Configuration;
using Gateway.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Gateway.Storage;

/// <summary>
/// The database, opened and brought up to date at its first use: a gateway that keeps nothing makes no file, and no ordinary call waits
/// while the object mapper is loaded.
/// </summary>
internal sealed class Database(GatewayOptions options, ILogger<Database> logger)
{
    private const int MostKept = 64;

    private readonly DatabaseAddress address = DatabaseAddress.Parse(options.Database);
    private readonly Lock gate = new();
    private Task<PooledDbContextFactory<GatewayDb>>? opening;
    private volatile PooledDbContextFactory<GatewayDb>? ready; // used again: a context made anew costs 50 KB
    private volatile bool isFile;

    /// <summary>Whether there may be something in it; a server is never asked.</summary>
    public bool MayHoldSomething => ready is not null || address.IsPostgres || File.Exists(address.File);

    /// <summary>A context for one piece of work; one that fails to open is tried again by the next caller.</summary>
    public Opening OpenAsync(CancellationToken cancellation) => new(ContextAsync(cancellation));

    /// <summary>One piece of work for a caller, who is told where the database is away.</summary>
    /// <exception cref="ProblemException">It is away.</exception>
    public async Task<T> UseAsync<T>(Func<GatewayDb, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            await using var db = await OpenAsync(cancellation);
            return await work(db);
        }
        catch (Exception e) when (e is DbException or DbUpdateException or InvalidOperationException or TimeoutException or IOException)
        {
            logger.LogError("The database cannot be used: {Reason}", e.GetBaseException().Message);
            throw new ProblemException(Providers.IsFull(e.GetBaseException()) ? Problems.DatabaseIsFull() : Problems.DatabaseIsAway());
        }
    }

    /// <summary>Begins to open, for a caller who will have something to keep in a moment. What goes wrong, that caller meets again.</summary>
    public void OpenSoon()
    {
        if (ready is null) _ = Task.Run(OpenQuietlyAsync);
    }

    // Deleted under us: what is written to a file without a name is lost.
    private bool IsGone => isFile && !File.Exists(address.File);

    private async Task<GatewayDb> ContextAsync(CancellationToken cancellation) =>
        (ready is { } known && !IsGone ? known : await Opened().WaitAsync(cancellation)).CreateDbContext();

    // One try for all who want it, and nobody ends it by leaving: bringing a large table up to date takes longer than anybody waits.
    private Task<PooledDbContextFactory<GatewayDb>> Opened()
    {
        lock (gate)
        {
            if (opening is { IsCompleted: false }) return opening;
            if (IsGone) Forget();
            return ready is { } known ? Task.FromResult(known) : opening = Task.Run(BringUpToDateAsync);
        }
    }

    private async Task OpenQuietlyAsync()
    {
        try
        {
            await (await OpenAsync(CancellationToken.None)).DisposeAsync();
        }
        catch (Exception e)
        {
            logger.LogDebug("The database could not be opened ahead: {Reason}", e.GetBaseException().Message);
        }
    }

    private async Task<PooledDbContextFactory<GatewayDb>> BringUpToDateAsync()
    {
        var made = new PooledDbContextFactory<GatewayDb>(Providers.Options(address), MostKept);
        try
        {
            await using var db = made.CreateDbContext();
            var applied = await MigrationRun.RunAsync(db, CancellationToken.None);
            if (applied > 0) logger.LogInformation("The database was brought up to date: {Count} migrations", applied);
            (ready, isFile) = (made, File.Exists(address.File));
            return made;
        }
        finally
        {
            if (ready is null) Providers.Forget(address);
        }
    }

    private void Forget()
    {
        (ready, isFile) = (null, false);
        Providers.Forget(address);
    }
}
