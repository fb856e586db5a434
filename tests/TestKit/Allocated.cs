namespace Gateway.TestKit;

/// <summary>What work leaves to collect.</summary>
public static class Allocated
{
    private const int Runs = 5;

    /// <summary>
    /// Bytes that the work allocates on this thread, the least of a few runs: a collection meanwhile, which any thread may have caused, counts
    /// what was left of this thread's share of the heap, up to 8 KiB.
    /// </summary>
    /// <param name="work">Warm, so that nothing is made for the first time.</param>
    public static long By(Action work)
    {
        var least = long.MaxValue;
        for (var run = 0; run < Runs && least > 0; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
