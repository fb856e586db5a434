using System.Runtime.CompilerServices;

namespace Gateway.Routing;

/// <summary>Good and bad outcomes of the recent past, in ten slices of it. Counting is free of locks; a count that is lost to a race does no harm.</summary>
internal sealed class Outcomes(TimeSpan window, TimeProvider time)
{
    private const int Slices = 10;
    private readonly long width = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency) / Slices);
    private Ten slices;

    public void Add(long now, bool failed)
    {
        var at = now / width;
        ref var slice = ref slices[(int)((ulong)at % Slices)];
        if (Volatile.Read(ref slice.At) != at)
        {
            slice.Good = slice.Bad = 0;
            Volatile.Write(ref slice.At, at);
        }

        Interlocked.Increment(ref failed ? ref slice.Bad : ref slice.Good);
    }

    /// <summary>Whether there are that many failures, and at least as many as good ones.</summary>
    public bool Trips(long now, int failures)
    {
        var oldest = (now / width) - Slices;
        int good = 0, bad = 0;
        foreach (ref readonly var slice in (ReadOnlySpan<Slice>)slices)
        {
            if (slice.At <= oldest) continue;
            good += slice.Good;
            bad += slice.Bad;
        }

        return bad >= failures && bad >= good;
    }

    public void Clear() => slices = default;

    private struct Slice
    {
        public long At;
        public int Good;
        public int Bad;
    }

    [InlineArray(Slices)]
    private struct Ten
    {
        private Slice first;
    }
}
