namespace Gateway.Engine.Constraints.Patterns;

/// <summary>Sets of code points as ranges.</summary>
internal static class CodeRanges
{
    public static readonly CodeRange[] All = [new(0, CharacterWriter.Last)];
    public static readonly CodeRange[] Digits = [new('0', '9')];
    public static readonly CodeRange[] Word = [new('0', '9'), new('A', 'Z'), new('_', '_'), new('a', 'z')];

    // WhiteSpace and LineTerminator of ECMA-262.
    public static readonly CodeRange[] Space =
        [new(9, 13), new(' ', ' '), new(0xA0, 0xA0), new(0x1680, 0x1680), new(0x2000, 0x200A), new(0x2028, 0x2029), new(0x202F, 0x202F), new(0x205F, 0x205F), new(0x3000, 0x3000), new(0xFEFF, 0xFEFF)];

    public static readonly CodeRange[] Line = [new('\n', '\n'), new('\r', '\r'), new(0x2028, 0x2029)];

    // Python and Rust differ from ECMA-262 beyond ASCII: a class holds what all agree on, and its complement as well.
    public static readonly CodeRange[] SharedSpace = [new(9, 13), new(' ', ' ')];
    public static readonly CodeRange[] AnySpace = [.. Space, new(0x1C, 0x1F), new(0x85, 0x85)];

    /// <summary>Sorted, and merged where they touch.</summary>
    public static List<CodeRange> Normal(IEnumerable<CodeRange> ranges)
    {
        var merged = new List<CodeRange>();
        foreach (var range in ranges.OrderBy(static range => range.Low))
        {
            if (merged.Count > 0 && range.Low <= merged[^1].High + 1) merged[^1] = merged[^1] with { High = Math.Max(merged[^1].High, range.High) };
            else merged.Add(range);
        }

        return merged;
    }

    public static List<CodeRange> Not(IEnumerable<CodeRange> ranges)
    {
        var others = new List<CodeRange>();
        var next = 0;
        foreach (var range in Normal(ranges))
        {
            if (range.Low > next) others.Add(new CodeRange(next, range.Low - 1));
            next = range.High + 1;
        }

        if (next <= CharacterWriter.Last) others.Add(new CodeRange(next, CharacterWriter.Last));
        return others;
    }

    /// <summary>Whether one of the ranges, which are normal, holds a code point.</summary>
    public static bool Contain(List<CodeRange> ranges, int point)
    {
        int low = 0, high = ranges.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].High < point) low = middle + 1;
            else if (ranges[middle].Low > point) high = middle - 1;
            else return true;
        }

        return false;
    }
}
