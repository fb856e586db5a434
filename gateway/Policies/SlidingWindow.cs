namespace Gateway.Policies;

/// <summary>
/// What was used within the last minute or day, so that no such stretch, wherever it begins, sees more than is allowed. Calls of one slot
/// are kept together and forgotten together once the latest of them is old enough: memory is bounded, nothing is forgotten too early, and
/// nothing later than one slot. Time is in ticks of any clock. Not thread-safe.
/// </summary>
internal sealed class SlidingWindow(TimeSpan length, int slots)
{
    private readonly long length = length.Ticks;
    private readonly long width = length.Ticks / slots;
    private Entry[] ring = new Entry[1]; // oldest first; its size is a power of two
    private int first;
    private int count;
    private long last; // the latest time that it was told

    /// <summary>Calls that count now.</summary>
    public long Requests { get; private set; }

    /// <summary>Tokens that count now.</summary>
    public long Tokens { get; private set; }

    /// <summary>Pieces that it is kept in.</summary>
    public int Kept => count;

    /// <summary>Sixty slots of a second.</summary>
    public static SlidingWindow OfMinute() => new(TimeSpan.FromMinutes(1), 60);

    /// <summary>288 slots of five minutes.</summary>
    public static SlidingWindow OfDay() => new(TimeSpan.FromDays(1), 288);

    /// <summary>
    /// Forgets what is over, and says what time it is here. A clock that goes back is waited for, which lets nothing through too early; one
    /// that goes back by more than the whole length is believed, and everything is forgotten: it would be waited for too long.
    /// </summary>
    public long Advance(long now)
    {
        if (now < last - length) (first, count, Requests, Tokens, last) = (0, 0, 0, 0, now);
        last = Math.Max(now, last);
        while (count > 0 && last - ring[first].Latest >= length)
        {
            Requests -= ring[first].Requests;
            Tokens -= ring[first].Tokens;
            first = (first + 1) & (ring.Length - 1);
            count--;
        }

        return last;
    }

    /// <summary>Counts a call at the time that <see cref="Advance"/> said.</summary>
    public void Add(long tokens)
    {
        if (count == 0 || At(count - 1).Latest / width != last / width)
        {
            if (count == ring.Length) Grow();
            count++;
            At(count - 1) = default;
        }

        ref var entry = ref At(count - 1);
        entry = new Entry(last, entry.Requests + 1, entry.Tokens + tokens);
        Requests++;
        Tokens += tokens;
    }

    /// <summary>Corrects a call where it was counted, if it still is.</summary>
    public void Correct(long at, int requests, long tokens)
    {
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            ref var entry = ref At(middle);
            var compared = (entry.Latest / width).CompareTo(at / width);
            if (compared == 0)
            {
                requests = Math.Max(requests, -entry.Requests);
                tokens = Math.Max(tokens, -entry.Tokens);
                entry = entry with { Requests = entry.Requests + requests, Tokens = entry.Tokens + tokens };
                Requests += requests;
                Tokens += tokens;
                return;
            }

            if (compared < 0) low = middle + 1;
            else high = middle - 1;
        }
    }

    /// <summary>How long it takes until so much is forgotten; the whole length where it never counted so much.</summary>
    public TimeSpan Until(long requests, long tokens)
    {
        for (var i = 0; i < count; i++)
        {
            requests -= At(i).Requests;
            tokens -= At(i).Tokens;
            if (requests <= 0 && tokens <= 0) return TimeSpan.FromTicks(At(i).Latest + length - last);
        }

        return TimeSpan.FromTicks(length);
    }

    /// <summary>How long it takes until everything is forgotten.</summary>
    public TimeSpan UntilEmpty => count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(At(count - 1).Latest + length - last);

    private ref Entry At(int index) => ref ring[(first + index) & (ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[ring.Length * 2];
        for (var i = 0; i < count; i++) larger[i] = At(i);
        (ring, first) = (larger, 0);
    }

    private readonly record struct Entry(long Latest, int Requests, long Tokens);
}
