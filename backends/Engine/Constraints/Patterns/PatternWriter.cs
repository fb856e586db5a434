using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>Writes a regular expression into an automaton, by Thompson's construction.</summary>
internal static class PatternWriter
{
    /// <summary>From a state to the one returned, which is new.</summary>
    /// <param name="builder">Where to.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="pattern">What is matched.</param>
    /// <param name="whole">Whether it must match all of the text, as if it were anchored; else it may match anywhere in it.</param>
    /// <param name="write">How characters are spelled.</param>
    public static int Write(AutomatonBuilder builder, int from, Pattern pattern, bool whole, WriteCharacters write)
    {
        var end = builder.State();
        foreach (var option in Options(pattern))
        {
            var parts = option is Pattern.Sequence sequence ? sequence.Parts : [option];
            bool begins = parts is [Pattern.Anchor { End: false }, ..], ends = parts is [.., Pattern.Anchor { End: true }];
            var inner = new Pattern.Sequence([.. parts.Skip(begins ? 1 : 0).SkipLast(ends ? 1 : 0)]);
            var start = begins || whole ? from : AnyText(builder, from, write);
            var last = One(builder, start, inner, write);
            builder.Epsilon(ends || whole ? last : AnyText(builder, last, write), end);
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

    private static int One(AutomatonBuilder builder, int from, Pattern pattern, WriteCharacters write)
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
                throw new GrammarException("The pattern has an anchor that is not at the beginning or the end of an alternative, which is not supported.");
        }
    }

    private static int Repeated(AutomatonBuilder builder, int from, Pattern.Repeat repeat, WriteCharacters write)
    {
        if (repeat.Part.Most == 0) return One(builder, from, repeat.Part, write);
        for (var i = 0; i < repeat.From; i++) from = One(builder, from, repeat.Part, write);
        if (repeat.To == int.MaxValue)
        {
            var loop = builder.State();
            builder.Epsilon(from, loop);
            builder.Epsilon(One(builder, loop, repeat.Part, write), loop);
            return loop;
        }

        var end = builder.State();
        builder.Epsilon(from, end);
        for (var i = repeat.From; i < repeat.To; i++)
        {
            from = One(builder, from, repeat.Part, write);
            builder.Epsilon(from, end);
        }

        return end;
    }
}
