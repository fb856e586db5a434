using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>
/// Writes patterns with anchors anywhere: what was read is followed on four levels, and an anchor is a step between them that reads
/// nothing. So <c>(^|,)a</c> costs what it says, and an anchor where the text cannot begin or end matches nothing.
/// </summary>
internal sealed class AnchoredWriter(AutomatonBuilder builder, WriteCharacters write)
{
    private const int MostCopies = 50;

    /// <summary>From states on the four levels to others, −1 where a level is not reached.</summary>
    public Levels Through(Levels at, Pattern pattern)
    {
        if (!pattern.HasAnchor) return Plain(at, pattern);
        switch (pattern)
        {
            case Pattern.Anchor { End: false }:
                return at with { Middle = -1, Ended = -1 };
            case Pattern.Anchor:
                return new Levels(-1, -1, Join(at.Middle, at.Ended), Join(at.Begin, at.Empty));
            case Pattern.Sequence sequence:
                return sequence.Parts.Aggregate(at, Through);
            case Pattern.Choice choice:
                return choice.Options.Aggregate(Levels.None, (all, option) => Join(all, Through(at, option)));
            default:
                return Repeated(at, (Pattern.Repeat)pattern);
        }
    }

    /// <summary>A state that is reached from both, either of which may be missing.</summary>
    public int Join(int one, int other)
    {
        if (one < 0 || other < 0) return Math.Max(one, other);
        var join = builder.State();
        builder.Epsilon(one, join);
        builder.Epsilon(other, join);
        return join;
    }

    private Levels Join(Levels one, Levels other) => new(Join(one.Begin, other.Begin), Join(one.Middle, other.Middle), Join(one.Ended, other.Ended), Join(one.Empty, other.Empty));

    // Nothing is read at the end; what reads nothing stays on its level as well.
    private Levels Plain(Levels at, Pattern pattern)
    {
        var start = Join(at.Begin, at.Middle);
        var read = start < 0 ? -1 : PatternWriter.One(builder, start, pattern, write);
        return pattern.Least == 0 ? at with { Middle = read } : new Levels(-1, read, -1, -1);
    }

    private Levels Repeated(Levels at, Pattern.Repeat repeat)
    {
        if (repeat.To == int.MaxValue && repeat.From <= 1)
        {
            var again = new Levels(builder.State(), builder.State(), builder.State(), builder.State());
            Lead(at, again);
            var done = Through(again, repeat.Part);
            Lead(done, again);
            return repeat.From == 0 ? again : done;
        }

        if ((repeat.To == int.MaxValue ? repeat.From : repeat.To) > MostCopies)
            throw new GrammarException($"The pattern repeats a group with an anchor more than {MostCopies} times, which is not supported.");
        for (var i = 0; i < repeat.From; i++) at = Through(at, repeat.Part);
        if (repeat.To == int.MaxValue) return Repeated(at, repeat with { From = 0 });
        var all = at;
        for (var i = repeat.From; i < repeat.To; i++) all = Join(all, at = Through(at, repeat.Part));
        return all;
    }

    private void Lead(Levels at, Levels to)
    {
        if (at.Begin >= 0) builder.Epsilon(at.Begin, to.Begin);
        if (at.Middle >= 0) builder.Epsilon(at.Middle, to.Middle);
        if (at.Ended >= 0) builder.Epsilon(at.Ended, to.Ended);
        if (at.Empty >= 0) builder.Epsilon(at.Empty, to.Empty);
    }
}

/// <summary>States by what is known of the text around them; −1 for none.</summary>
/// <param name="Begin">Nothing was read yet.</param>
/// <param name="Middle">Whatever was read, more may follow.</param>
/// <param name="Ended">Nothing follows.</param>
/// <param name="Empty">Nothing was read, and nothing follows.</param>
internal readonly record struct Levels(int Begin, int Middle, int Ended, int Empty)
{
    public static readonly Levels None = new(-1, -1, -1, -1);
}
