namespace Gateway.Pulling;

/// <summary>A stretch of a file: <c>Start ≤ i &lt; End</c>.</summary>
internal readonly record struct ByteRange(long Start, long End)
{
    public long Length => End - Start;
}

/// <summary>A set of bytes of a file, kept as sorted stretches that do not touch.</summary>
internal sealed class ByteRanges
{
    private readonly List<ByteRange> ranges = [];

    /// <summary>Bytes in the set.</summary>
    public long Count => ranges.Sum(range => range.Length);

    /// <summary>Adds; what is there already stays.</summary>
    public void Add(ByteRange range)
    {
        if (range.Length <= 0) return;
        var first = ranges.FindIndex(other => other.End >= range.Start);
        if (first < 0) first = ranges.Count;
        var last = first;
        while (last < ranges.Count && ranges[last].Start <= range.End)
        {
            range = new ByteRange(Math.Min(range.Start, ranges[last].Start), Math.Max(range.End, ranges[last].End));
            last++;
        }

        ranges.RemoveRange(first, last - first);
        ranges.Insert(first, range);
    }

    /// <summary>Takes away; what is not there stays away.</summary>
    public void Remove(ByteRange range)
    {
        for (var i = ranges.Count - 1; i >= 0; i--)
        {
            var old = ranges[i];
            if (old.End <= range.Start || old.Start >= range.End) continue;
            ranges.RemoveAt(i);
            if (old.End > range.End) ranges.Insert(i, old with { Start = range.End });
            if (old.Start < range.Start) ranges.Insert(i, old with { End = range.Start });
        }
    }

    /// <summary>The first stretch below <paramref name="size"/> that neither set holds, or null.</summary>
    public static ByteRange? FirstGap(ByteRanges one, ByteRanges other, long size)
    {
        var both = new ByteRanges();
        foreach (var range in one.ranges.Concat(other.ranges)) both.Add(range);
        var start = both.ranges is [{ Start: 0 } head, ..] ? head.End : 0;
        if (start >= size) return null;
        var next = both.ranges.FindIndex(range => range.Start > start);
        return new ByteRange(start, next < 0 ? size : Math.Min(size, both.ranges[next].Start));
    }
}
