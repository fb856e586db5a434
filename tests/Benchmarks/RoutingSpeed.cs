using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Models;
using Gateway.Routing;

namespace Gateway.Benchmarks;

/// <summary>Time and allocations of one choice of a target, by balancer and number of targets, 64 calls being out at any time.</summary>
internal static class RoutingSpeed
{
    private const int Rounds = 50;
    private const int Choices = 4_096;
    private const int Out = 64;
    private static readonly int[] Counts = [1, 10, 100, 1_000];

    public static void Run(TextWriter to)
    {
        foreach (var count in Counts) Measure("least-work", count); // compiles what all of them share
        to.WriteLine($"routing, ns a choice (and bytes), by targets:{string.Concat(Counts.Select(count => $"{count,16}"))}");
        foreach (var balancer in (string[])["ordered", "weighted", "power-of-two", "least-work", "latency", "prefix"])
            to.WriteLine($"  {balancer,-41}{string.Concat(Counts.Select(count => Measure(balancer, count)).Select(cost => $"{cost.Nanoseconds,9:F0} ({cost.Bytes,4:F1})"))}");
    }

    // Of the quietest round: what else runs on the machine only adds.
    private static (double Nanoseconds, double Bytes) Measure(string balancer, int count)
    {
        var chance = new Random(count);
        var targets = Enumerable.Range(0, count).Select(at => new Target(new Nowhere($"u{at}"), "m", 1 + (at % 3), 0, new TargetHealth(new BreakerOptions(), TimeProvider.System))).ToArray();
        foreach (var target in targets) target.Health.Latency.Add(TimeSpan.FromMilliseconds(chance.Next(20, 400)));
        var model = new PublishedModel("m", new ModelOptions { Routing = balancer }, targets, 0);
        var router = new Router(TimeProvider.System);
        var prefixes = new ulong[4_096];
        foreach (ref var prefix in prefixes.AsSpan()) prefix = (ulong)chance.NextInt64() | 1;
        var running = new Target?[Out];
        for (var warm = 0; warm < 20; warm++) Round(router, model, prefixes, running);
        var (least, bytes) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var (allocated, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            Round(router, model, prefixes, running);
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Choices);
            bytes = Math.Min(bytes, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Choices);
        }

        return (least, bytes);
    }

    private static void Round(Router router, PublishedModel model, ulong[] prefixes, Target?[] running)
    {
        for (var choice = 0; choice < Choices; choice++)
        {
            ref var place = ref running[choice % Out];
            place?.Leave(500);
            place = router.Choose(model, 500, prefixes[choice % prefixes.Length], []).Target;
        }
    }

    private sealed class Nowhere(string name) : Upstream(name, null)
    {
        public override ValueTask<UpstreamLease> OpenAsync(CancellationToken cancellation) => throw new NotSupportedException();

        public override Uri AddressOf(string path, string model) => throw new NotSupportedException();

        public override void Sign(HttpRequestMessage request) => throw new NotSupportedException();
    }
}
