using System.Diagnostics;
using Gateway.Policies;
using Gateway.Policies.Redis;
using Gateway.TestKit;
using StackExchange.Redis;

namespace Gateway.Benchmarks;

/// <summary>What a decision about a call costs, with its settling: in this process with one caller and with a million, and in a Redis of its own.</summary>
internal static class LimitSpeed
{
    private const int Rounds = 5;
    private const int Decisions = 300_000;
    private const int Asked = 10_000;

    private static readonly CallerLimits Limits = new() { RequestsPerMinute = 1_000_000_000, TokensPerMinute = 1L << 40, RequestsPerDay = 1_000_000_000, MaxConcurrent = 1_000 };
    private static readonly CallerLimits Team = new() { RequestsPerMinute = 1_000_000_000, TokensPerMinute = 1L << 40 };

    public static async Task RunAsync(TextWriter to)
    {
        foreach (var callers in (int[])[1, 1_000, 1_000_000]) Local(callers, to);
        await using var server = new RedisProcess();
        await server.InitializeAsync();
        await RedisAsync(server, to);
    }

    // Whole calls in turn over all callers, in an order that no cache foresees.
    private static void Local(int callers, TextWriter to)
    {
        using var store = new LocalLimits(TimeProvider.System);
        var chance = new Random(7);
        var ids = Enumerable.Range(0, callers).Select(static i => $"key_{i:x8}").ToArray();
        foreach (var id in ids) store.Decide(Of(id, null), takePlace: true).Hold!.Settle(20, 0);
        var order = new string[Decisions];
        for (var i = 0; i < Decisions; i++) order[i] = ids[chance.Next(callers)];
        GC.Collect();
        foreach (var team in (string?[])[null, "team"])
        {
            var times = new double[Rounds];
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < Rounds; round++)
            {
                var before = Environment.CpuUsage.TotalTime; // processor time: a busy machine does not count
                foreach (var id in order) store.Decide(Of(id, team), takePlace: true).Hold!.Settle(20, 0);
                times[round] = (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / Decisions;
            }

            Array.Sort(times);
            var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Rounds / Decisions;
            to.WriteLine($"local, {callers,9:N0} callers{(team is null ? "         " : ", a team")}: {times[Rounds / 2],6:F0} ns a decision with its settling ({times[0]:F0} to {times[^1]:F0}), {bytes:F0} bytes allocated; {GC.GetTotalMemory(forceFullCollection: true) >> 20} MB held");
        }
    }

    private static async Task RedisAsync(RedisProcess server, TextWriter to)
    {
        await using var link = new RedisLink(server.Address, TimeSpan.FromSeconds(10), TimeProvider.System);
        var limits = new RedisLimits(link, TimeProvider.System, static () => true);
        await limits.ConnectAsync(CancellationToken.None);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var database = redis.GetDatabase();
        var number = 0;
        foreach (var atOnce in (int[])[1, 16])
        {
            Report(to, $"redis, {atOnce,2} at once, a bare PING       ", await TimesAsync(atOnce, async () => await database.PingAsync()));
            Report(to, $"redis, {atOnce,2} at once, a key             ", await TimesAsync(atOnce, () => DecideAsync(Of($"key_{number++ % 1_000}", null, Guid.CreateVersion7()))));
            Report(to, $"redis, {atOnce,2} at once, a key and its team", await TimesAsync(atOnce, () => DecideAsync(Of($"key_{number++ % 1_000}", "team", Guid.CreateVersion7()))));
        }

        async Task DecideAsync(Ask ask)
        {
            if ((await limits.DecideAsync(ask, takePlace: true))?.Hold is not { } hold) throw new InvalidOperationException("Redis did not admit what it was to admit.");
            hold.Settle(20, 0);
        }
    }

    private static async Task<double[]> TimesAsync(int atOnce, Func<Task> decide)
    {
        for (var i = 0; i < 2_000; i++) await decide();
        var times = new double[Asked];
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async worker =>
        {
            for (var i = worker; i < Asked; i += atOnce)
            {
                var start = Stopwatch.GetTimestamp();
                await decide();
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }));
        Array.Sort(times);
        return times;
    }

    private static void Report(TextWriter to, string what, double[] times) => to.WriteLine($"{what}: p50 {times[times.Length / 2]:F3} ms, p99 {times[times.Length * 99 / 100]:F3} ms");

    private static Ask Of(string id, string? team, Guid call = default) => new()
    {
        Call = call,
        Key = new Owner(id, false, Limits),
        Team = team is null ? null : new Owner(team, true, Team),
        Tokens = 300,
        Cost = 0,
        Periods = null,
        MayWait = false,
    };
}
