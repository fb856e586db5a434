using System.Diagnostics;
using System.Globalization;
using Gateway.Configuration;
using Gateway.Keys;
using Gateway.Keys.Stored;
using Gateway.Models;
using Gateway.Storage;
using Gateway.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>What finding a key costs with one key and with a million in SQLite: one that called lately, and one that must be looked up.</summary>
internal static class KeySpeed
{
    private const int Rounds = 20;
    private const int KnownRounds = 200;
    private static readonly int[] Counts = [1, 1_000, 1_000_000];

    public static async Task RunAsync(TextWriter to)
    {
        to.WriteLine("keys in SQLite          known, ns (bytes)    looked up, us    resident, MiB");
        foreach (var count in Counts)
        {
            using var folder = new TemporaryFolder();
            var options = new GatewayOptions { Database = $"Data Source={folder.File("gateway.db")}" };
            var database = new Database(options, NullLogger<Database>.Instance);
            var cache = new KeyCache();
            using var feed = new KeyFeed(database, cache, TimeProvider.System, NullLogger<KeyFeed>.Instance);
            var store = new KeyStore(database, feed, TimeProvider.System);
            await (await database.OpenAsync(CancellationToken.None)).DisposeAsync();
            await FillAsync(options.Database, count);
            await feed.PollAsync(CancellationToken.None);
            var ring = new KeyRing(new LiveSettings(new GatewaySnapshot(options, new ModelCatalogue([]))), cache, feed, store, TimeProvider.System, NullLogger<KeyRing>.Instance);
            var (known, bytes) = await KnownAsync(ring, count);
            var looked = await LookedUpAsync(ring, cache, count);
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,14:N0} {known,20:F0} ({bytes:F0}) {looked,16:F0} {Environment.WorkingSet >> 20,16}"));
        }

        SqliteConnection.ClearAllPools();
    }

    private static string Key(int at) => $"sk-{at:D43}";

    // As the gateway hashes and finds it on each call; up to a thousand keys take turns. Of the quietest round: what else runs only adds.
    private static async Task<(double Nanoseconds, double Bytes)> KnownAsync(KeyRing ring, int count)
    {
        var keys = Enumerable.Range(0, Math.Min(count, 1_000)).Select(i => Key((int)((long)i * count / Math.Min(count, 1_000)))).ToArray();
        foreach (var key in keys)
            if (await ring.FindAsync(KeyHash.Of(key), CancellationToken.None) is null) throw new InvalidOperationException("a key is missing");
        var (least, bytes) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < KnownRounds; round++)
        {
            var (allocated, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            for (var i = 0; i < 10_000; i++)
            {
                var found = ring.FindAsync(KeyHash.Of(keys[i % keys.Length]), CancellationToken.None);
                if (!found.IsCompletedSuccessfully) throw new InvalidOperationException("a known key was looked up");
                _ = await found;
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 10_000);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - allocated) / 10_000d);
        }

        return (least, bytes);
    }

    private static async Task<double> LookedUpAsync(KeyRing ring, KeyCache cache, int count)
    {
        var (chance, least) = (new Random(1), double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 500; i++)
            {
                cache.Clear();
                if (await ring.FindAsync(KeyHash.Of(Key(chance.Next(count))), CancellationToken.None) is null) throw new InvalidOperationException("a key is missing");
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalMicroseconds / 500);
        }

        return least;
    }

    private static async Task FillAsync(string text, int count)
    {
        await using var connection = new SqliteConnection(text);
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var key = new SqliteCommand("INSERT INTO keys (id, name, team, prefix, scopes, models, limits, disabled, created, changed) VALUES (@id, @id, 'red', 'sk-…', 'inference', '*', '{\"requests_per_minute\":60}', 0, 0, 1)", connection, transaction);
        await using var secret = new SqliteCommand("INSERT INTO key_secrets (hash, key_id) VALUES (@hash, @id)", connection, transaction);
        var (id, hash) = (key.Parameters.Add("@id", SqliteType.Text), secret.Parameters.Add("@hash", SqliteType.Text));
        var of = secret.Parameters.Add("@id", SqliteType.Text);
        for (var i = 0; i < count; i++)
        {
            (id.Value, of.Value, hash.Value) = ($"key_{i:D32}", $"key_{i:D32}", KeyHash.Of(Key(i)).ToString());
            key.ExecuteNonQuery();
            secret.ExecuteNonQuery();
        }

        await using var number = new SqliteCommand("UPDATE key_changes SET number = 1", connection, transaction);
        number.ExecuteNonQuery();
        transaction.Commit();
    }
}
