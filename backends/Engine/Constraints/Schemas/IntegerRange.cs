using System.Globalization;
using System.Numerics;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Whole numbers between two bounds, digit by digit and so exact at any size; optionally multiples of another.</summary>
internal sealed class IntegerRange(AutomatonBuilder builder, int multiple)
{
    private const int MostDigits = 60; // where there is no bound
    public const int MostMultiple = 2_000;

    /// <summary>The first state.</summary>
    /// <param name="least">Inclusive; null for no bound.</param>
    /// <param name="most">Inclusive; null for no bound.</param>
    public int Start(BigInteger? least, BigInteger? most)
    {
        var bound = BigInteger.Pow(10, Math.Max(MostDigits, Math.Max(Length(least), Length(most)) + 2)) - 1;
        int start = builder.State(), end = builder.State(StateMarks.Final), minus = builder.State();
        BigInteger from = least ?? -bound, to = most ?? bound;
        if (to >= 0) Between(start, end, BigInteger.Max(from, 0), to);
        if (from >= 0) return start;
        builder.Byte(start, (byte)'-', minus);
        Between(minus, end, BigInteger.Max(1, -to), -from);
        return start;
    }

    private static int Length(BigInteger? number) => number is { } value ? Text(BigInteger.Abs(value)).Length : 0;

    private static string Text(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    private void Between(int start, int end, BigInteger low, BigInteger high)
    {
        if (low > high) return;
        int shortest = Text(low).Length, longest = Text(high).Length;
        for (var length = shortest; length <= longest; length++)
        {
            var from = length == shortest ? Text(low) : "1" + new string('0', length - 1);
            var to = length == longest ? Text(high) : new string('9', length);
            Same(start, end, from, to);
        }
    }

    // States are (place, still on the lower bound, still on the upper bound, remainder).
    private void Same(int start, int end, string low, string high)
    {
        var states = new Dictionary<(bool Low, bool High, int Remainder), int> { [(true, true, 0)] = start };
        for (var place = 0; place < low.Length; place++)
        {
            var next = new Dictionary<(bool, bool, int), int>();
            foreach (var (at, state) in states)
            {
                int least = at.Low ? low[place] - '0' : 0, most = at.High ? high[place] - '0' : 9;
                for (var digit = least; digit <= most; digit++)
                {
                    var remainder = ((at.Remainder * 10) + digit) % multiple;
                    if (place + 1 == low.Length)
                    {
                        if (remainder == 0) builder.Byte(state, (byte)('0' + digit), end);
                        continue;
                    }

                    var key = (at.Low && digit == low[place] - '0', at.High && digit == high[place] - '0', remainder);
                    if (!next.TryGetValue(key, out var to)) next[key] = to = builder.State();
                    builder.Byte(state, (byte)('0' + digit), to);
                }
            }

            states = next;
        }
    }
}
