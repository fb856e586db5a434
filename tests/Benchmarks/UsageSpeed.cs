using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Storage;
using Gateway.TestKit;
using Gateway.Usage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>Rows a second into the table of usage, in batches as the writer makes them, with all indexes, into a table that grows; the quickest and the median of its batches.</summary>
internal static class UsageSpeed
{
    private const int Batches = 40;
    private const int Keys = 1_000;

    public static async Task RunAsync(string? postgres, TextWriter to)
    {
        using var folder = new TemporaryFolder();
        to.WriteLine($"usage, rows a second, by rows of a batch ({Batches} batches each):");
        foreach (var size in (int[])[1, 100, 1_000, 5_000, 10_000])
            foreach (var (name, text) in Databases(folder, size, postgres))
                to.WriteLine($"  {name,-10} {size,6}: {await MeasureAsync(text, size)}");
    }

    private static IEnumerable<(string Name, string Text)> Databases(TemporaryFolder folder, int size, string? postgres)
    {
        yield return ("SQLite", $"Data Source={folder.File($"usage{size}.db")}");
        if (postgres is not null) yield return ("PostgreSQL", postgres);
    }

    private static async Task<string> MeasureAsync(string text, int size)
    {
        var database = new Database(new GatewayOptions { Database = text }, NullLogger<Database>.Instance);
        var store = new UsageStore(database);
        var chance = new Random(size);
        await store.WriteAsync(Rows(size, chance), null, CancellationToken.None); // makes the table
        var times = new List<double>();
        for (var batch = 0; batch < Batches; batch++)
        {
            var rows = Rows(size, chance);
            var began = Stopwatch.GetTimestamp();
            await store.WriteAsync(rows, null, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        times.Sort();
        return $"{size / times[0],10:F0} {size / times[Batches / 2],10:F0} {size * Batches / times.Sum(),10:F0} on the whole";
    }

    private static List<UsageRow> Rows(int count, Random chance) => [.. Enumerable.Range(0, count).Select(_ => Row($"key-{chance.Next(Keys)}", chance))];

    private static UsageRow Row(string key, Random chance)
    {
        var id = Guid.CreateVersion7();
        return new UsageRow
        {
            Id = id.ToString("N"),
            Began = UsageRows.TimeOf(id),
            KeyId = key,
            KeyName = key,
            Team = $"team-{key.Length}",
            Model = $"model-{chance.Next(5)}",
            AnsweredModel = "model",
            Upstream = "east",
            Operation = "chat",
            Outcome = "ok",
            Status = 200,
            PromptTokens = chance.Next(4_000),
            CompletionTokens = chance.Next(1_000),
            Cost = chance.Next(1_000_000),
            Attempts = 1,
            FirstTokenMs = 120,
            DurationMs = 2_000,
            RequestId = "req_" + id.ToString("N"),
            Stage = UsageStages.Over,
        };
    }
}
