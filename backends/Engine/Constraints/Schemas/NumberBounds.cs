using System.Numerics;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Where numbers lie, and of what they are multiples.</summary>
/// <param name="Least">Null for no bound.</param>
/// <param name="Above">Whether <paramref name="Least"/> itself is excluded.</param>
/// <param name="Most">Null for no bound.</param>
/// <param name="Below">Whether <paramref name="Most"/> itself is excluded.</param>
/// <param name="Step">The least common multiple of the steps; null for none.</param>
internal sealed record NumberBounds(ExactNumber? Least, bool Above, ExactNumber? Most, bool Below, ExactNumber? Step)
{
    public static NumberBounds None { get; } = new(null, false, null, false, null);

    /// <summary>Places after the point that the bounds have.</summary>
    public int Scale => Math.Max(Step?.Scale ?? 0, Math.Max(Least?.Scale ?? 0, Most?.Scale ?? 0));

    public NumberBounds From(ExactNumber least, bool exclusive) =>
        Least is not null && Compared(Least, least) is var order && (order > 0 || (order == 0 && (Above || !exclusive))) ? this : this with { Least = least, Above = exclusive };

    public NumberBounds To(ExactNumber most, bool exclusive) =>
        Most is not null && Compared(Most, most) is var order && (order < 0 || (order == 0 && (Below || !exclusive))) ? this : this with { Most = most, Below = exclusive };

    public NumberBounds Times(ExactNumber step)
    {
        if (Step is null) return this with { Step = step };
        var scale = Math.Max(Step.Scale, step.Scale);
        BigInteger a = Step.Floor(scale), b = step.Floor(scale);
        return this with { Step = new ExactNumber(a / BigInteger.GreatestCommonDivisor(a, b) * b, scale) };
    }

    /// <summary>The same for numbers in units of <c>10^−scale</c>: inclusive bounds, and the multiple, 1 for any.</summary>
    public (BigInteger? Least, BigInteger? Most, BigInteger Multiple) At(int scale)
    {
        BigInteger? least = Least is null ? null : Above ? Least.Floor(scale) + 1 : Least.Ceiling(scale);
        BigInteger? most = Most is null ? null : Below ? Most.Ceiling(scale) - 1 : Most.Floor(scale);
        if (Step is null) return (least, most, 1);
        // N / 10^scale = k · U / 10^S, so that N · 10^S is a multiple of U · 10^scale.
        BigInteger up = Step.Unscaled * ExactNumber.Power(scale), down = ExactNumber.Power(Step.Scale);
        return (least, most, up / BigInteger.GreatestCommonDivisor(up, down));
    }

    private static int Compared(ExactNumber a, ExactNumber b)
    {
        var scale = Math.Max(a.Scale, b.Scale);
        return a.Floor(scale).CompareTo(b.Floor(scale));
    }
}
