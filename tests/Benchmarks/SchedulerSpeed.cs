using System.Diagnostics;
using Gateway.Engine.Cache;
using Gateway.Engine.Scheduling;

namespace Gateway.Benchmarks;

/// <summary>Time and allocations of a step's book-keeping: plan, commit, one token for each running sequence.</summary>
internal static class SchedulerSpeed
{
    private const int Steps = 2_000;

    public static void Run(TextWriter to)
    {
        to.WriteLine("scheduler, a step (plan + commit + append):");
        foreach (var (running, waiting) in ((int, int)[])[(16, 0), (256, 0), (256, 10_000)])
        {
            var scheduler = new Scheduler(new KvBlocks(1 << 16, 16), new SchedulerOptions { StepTokens = 512, MaxRunning = running });
            for (var id = 0; id < running + waiting; id++) scheduler.Add(new Sequence(id, [id, id + 1, id + 2, id + 3], int.MaxValue));
            for (var step = 0; step < 200; step++) Step(scheduler);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var times = new double[Steps];
            for (var step = 0; step < Steps; step++)
            {
                var start = Stopwatch.GetTimestamp();
                Step(scheduler);
                times[step] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }

            Array.Sort(times);
            var perToken = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Steps / running;
            to.WriteLine($"  {running,4} running, {waiting,6} waiting: median {times[Steps / 2],6:F1} µs, 95th {times[Steps * 95 / 100],6:F1} µs, {perToken:F1} bytes allocated a token");
        }
    }

    private static void Step(Scheduler scheduler)
    {
        var plan = scheduler.Plan();
        scheduler.Commit();
        foreach (var sequence in plan.Sequences) sequence.Append(7);
    }
}
