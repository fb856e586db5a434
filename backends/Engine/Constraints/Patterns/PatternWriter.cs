using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>Writes a regular expression into an automaton, by Thompson's construction.</summary>
internal static class PatternWriter
{
    private const int MostCopied = 400; // states of a repeated part; beyond that its repetitions are counted

    /// <summary>From a state to the one returned, which is new.</summary>
    /// <param name="builder">Where to.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="pattern">What is matched.</param>
    /// <param name="whole">Whether it must match all of the text, as if it were anchored; else it may match anywhere in it.</param>
    /// <param name="write">How characters are spelled.</param>
    public static int Write(AutomatonBuilder builder, int from, Pattern pattern, bool whole, WriteCharacters write)
    {
        var end = builder.State();
        var anchored = new AnchoredWriter(builder, write);
        foreach (var option in Options(pattern))
        {
            var start = whole ? new Levels(from, -1, -1, -1) : new Levels(option.HasAnchor ? from : -1, AnyText(builder, from, write), -1, -1);
            var (begin, middle, ended, empty) = anchored.Through(start, option);
            var open = anchored.Join(begin, middle);
            if (open >= 0) builder.Epsilon(whole ? open : AnyText(builder, open, write), end);
            if (ended >= 0) builder.Epsilon(ended, end);
            if (empty >= 0) builder.Epsilon(empty, end);
        }

        return end;
    }

    /// <summary>Fewest and most code points of the texts that it matches.</summary>
    public static (long Least, long Most) Lengths(Pattern pattern)
    {
        var most = Options(pattern).Max(option => option is Pattern.Sequence { Parts: [Pattern.Anchor { End: false }, .., Pattern.Anchor { End: true }] } ? option.Most : long.MaxValue);
        return (pattern.Least, most);
    }

    private static IReadOnlyList<Pattern> Options(Pattern pattern) => pattern is Pattern.Choice choice ? choice.Options : [pattern];

    private static int AnyText(AutomatonBuilder builder, int from, WriteCharacters write)
    {
        var state = builder.State();
        builder.Epsilon(from, state);
        write(builder, state, 0, CharacterWriter.Last, state);
        return state;
    }

    /// <summary>A pattern without anchors, from a state to the one returned.</summary>
    public static int One(AutomatonBuilder builder, int from, Pattern pattern, WriteCharacters write)
    {
        switch (pattern)
        {
            case Pattern.Set set:
                var read = builder.State();
                foreach (var range in set.Ranges) write(builder, from, range.Low, range.High, read);
                return read;
            case Pattern.Sequence sequence:
                foreach (var part in sequence.Parts) from = One(builder, from, part, write);
                return from;
            case Pattern.Choice choice:
                var join = builder.State();
                foreach (var option in choice.Options) builder.Epsilon(One(builder, from, option, write), join);
                return join;
            case Pattern.Repeat repeat:
                return Repeated(builder, from, repeat, write);
            default:
                throw new ArgumentException("An anchor reads nothing.", nameof(pattern));
        }
    }

    private static int Repeated(AutomatonBuilder builder, int from, Pattern.Repeat repeat, WriteCharacters write)
    {
        if (repeat.Part.Most == 0 || repeat.To == 0)
        {
            var nothing = builder.State();
            builder.Epsilon(from, nothing);
            return nothing;
        }

        if (repeat is { From: 0 or 1, To: int.MaxValue })
        {
            var again = builder.State();
            builder.Epsilon(from, again);
            var done = One(builder, again, repeat.Part, write);
            builder.Epsilon(done, again);
            var last = builder.State();
            builder.Epsilon(repeat.From == 0 ? again : done, last);
            return last;
        }

        var copies = repeat.To == int.MaxValue ? repeat.From : repeat.To;
        if (Size(repeat.Part) * copies > MostCopied) return Counted(builder, from, repeat, write);
        for (var i = 0; i < repeat.From; i++) from = One(builder, from, repeat.Part, write);
        if (repeat.To == int.MaxValue) return Repeated(builder, from, repeat with { From = 0 }, write);
        var end = builder.State();
        builder.Epsilon(from, end);
        for (var i = repeat.From; i < repeat.To; i++)
        {
            from = One(builder, from, repeat.Part, write);
            builder.Epsilon(from, end);
        }

        return end;
    }

    private static int Counted(AutomatonBuilder builder, int from, Pattern.Repeat repeat, WriteCharacters write)
    {
        int start = builder.State(), end = builder.State();
        builder.Mark(One(builder, start, repeat.Part, write), StateMarks.Final);
        builder.Call(from, builder.LoopRule(builder.Rule(start), repeat.From, repeat.To), end);
        return end;
    }

    /// <summary>Roughly the states that it takes.</summary>
    private static long Size(Pattern pattern) => pattern switch
    {
        Pattern.Set set => set.Ranges.Count + (set.Ranges is [.., { High: > 0x7F }] ? 8 : 0),
        Pattern.Sequence sequence => sequence.Parts.Sum(Size),
        Pattern.Choice choice => choice.Options.Sum(Size),
        Pattern.Repeat { To: int.MaxValue } repeat => Math.Min(MostCopied, Size(repeat.Part) * Math.Max(repeat.From, 1)),
        Pattern.Repeat repeat => Math.Min(MostCopied, Size(repeat.Part) * repeat.To),
        _ => 0,
    };
}
