namespace Gateway.Policies;

/// <summary>Money as whole hundred-millionths: sums are exact, also in Redis, whose scripts know 53 bits.</summary>
internal static class Money
{
    /// <summary>Larger budgets could not be counted exactly.</summary>
    public const decimal Largest = 90_000_000;

    private const decimal Unit = 100_000_000;

    /// <summary>Rounded up; never more than can be counted.</summary>
    public static long Units(decimal money) => (long)decimal.Ceiling(Math.Clamp(money, 0, Largest) * Unit);

    public static decimal Of(long units) => units / Unit;
}
