using System.Diagnostics;
using System.Numerics.Tensors;

namespace Gateway.Benchmarks;

/// <summary>How fast memory can be read by so many threads together: sums over arrays far larger than the caches.</summary>
internal static class BandwidthProbe
{
    private const int FloatsPerThread = 32 << 20; // 128 MB
    private const int Rounds = 15;

    /// <summary>The best round: a ceiling is what the machine can do, not what it does beside others.</summary>
    public static double BytesPerSecond(int threads)
    {
        var arrays = Enumerable.Range(0, threads).Select(_ => Filled()).ToArray();
        using var barrier = new Barrier(threads);
        var sums = new float[threads];
        var spans = new (long Start, long End)[Rounds, threads];
        var workers = Enumerable.Range(0, threads).Select(t => new Thread(() => Read(t)) { IsBackground = true }).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();

        var best = Enumerable.Range(0, Rounds).Min(round =>
        {
            var mine = Enumerable.Range(0, threads).Select(t => spans[round, t]).ToArray();
            return Stopwatch.GetElapsedTime(mine.Min(span => span.Start), mine.Max(span => span.End)).TotalSeconds;
        });
        return (double)threads * FloatsPerThread * sizeof(float) / best;

        void Read(int t)
        {
            for (var round = 0; round < Rounds; round++)
            {
                barrier.SignalAndWait();
                var start = Stopwatch.GetTimestamp();
                sums[t] += TensorPrimitives.Sum<float>(arrays[t]);
                spans[round, t] = (start, Stopwatch.GetTimestamp());
            }
        }
    }

    private static float[] Filled()
    {
        var array = GC.AllocateUninitializedArray<float>(FloatsPerThread);
        Array.Fill(array, 1f);
        return array;
    }
}
