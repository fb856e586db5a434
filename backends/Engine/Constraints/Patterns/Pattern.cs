namespace Gateway.Engine.Constraints.Patterns;

/// <summary>A regular expression as a tree.</summary>
internal abstract record Pattern
{
    /// <summary>Fewest code points that it matches.</summary>
    public abstract long Least { get; }

    /// <summary>Most code points; <see cref="long.MaxValue"/> for no bound.</summary>
    public abstract long Most { get; }

    /// <summary>Whether it asks for the beginning or the end of the text anywhere.</summary>
    public bool HasAnchor => this switch
    {
        Anchor => true,
        Sequence sequence => sequence.Parts.Any(static part => part.HasAnchor),
        Choice choice => choice.Options.Any(static option => option.HasAnchor),
        Repeat repeat => repeat.Part.HasAnchor,
        _ => false,
    };

    /// <summary>One of some code points, as ascending ranges that do not touch.</summary>
    public sealed record Set(IReadOnlyList<CodeRange> Ranges) : Pattern
    {
        public override long Least => 1;

        public override long Most => 1;
    }

    public sealed record Sequence(IReadOnlyList<Pattern> Parts) : Pattern
    {
        public override long Least => Parts.Aggregate(0L, static (sum, part) => Sum(sum, part.Least));

        public override long Most => Parts.Aggregate(0L, static (sum, part) => Sum(sum, part.Most));
    }

    public sealed record Choice(IReadOnlyList<Pattern> Options) : Pattern
    {
        public override long Least => Options.Min(static option => option.Least);

        public override long Most => Options.Max(static option => option.Most);
    }

    public sealed record Repeat(Pattern Part, int From, int To) : Pattern
    {
        public override long Least => Times(Part.Least, From);

        public override long Most => Part.Most == 0 ? 0 : To == int.MaxValue ? long.MaxValue : Times(Part.Most, To);
    }

    /// <summary>The beginning of the text, or its end.</summary>
    public sealed record Anchor(bool End) : Pattern
    {
        public override long Least => 0;

        public override long Most => 0;
    }

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static long Times(long length, int count) => length == 0 || count == 0 ? 0 : length > long.MaxValue / count ? long.MaxValue : length * count;
}

/// <summary>Code points from <paramref name="Low"/> to <paramref name="High"/>, both inclusive.</summary>
internal readonly record struct CodeRange(int Low, int High);
