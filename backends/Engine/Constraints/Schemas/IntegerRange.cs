using System.Globalization;
using System.Numerics;
using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Whole numbers between two bounds, digit by digit and so exact at any size; optionally multiples of another.</summary>
/// <param name="builder">Takes the states.</param>
/// <param name="places">Digits after a point: numbers are written as so many <c>10^−places</c>.</param>
internal sealed class IntegerRange(AutomatonBuilder builder, int places)
{
    private const int MostRemainders = 2_000;
    private const int MostListed = 1_000; // multiples of a number too large to count remainders of
    private readonly Dictionary<(int Left, int Remainder), int> free = [];
    private int multiple = 1;

    /// <summary>The first state; null where there is no such number.</summary>
    /// <param name="least">Inclusive; null for no bound.</param>
    /// <param name="most">Inclusive; null for no bound.</param>
    /// <param name="step">What the numbers are multiples of; from 1.</param>
    public int? Start(BigInteger? least, BigInteger? most, BigInteger step)
    {
        // Trailing zeros of a large step are written as they are.
        var zeros = 0;
        for (var rest = step; places == 0 && step > MostRemainders && (rest % 10).IsZero; rest /= 10) zeros++;
        if (step > MostRemainders && zeros > 0 && step / ExactNumber.Power(zeros) is var core && core <= MostRemainders) return Rounded(least, most, core, zeros);
        if (step > MostRemainders) return Listed(least, most, step);
        multiple = (int)step;
        return Bounded(least, most, builder.State(StateMarks.Final));
    }

    private int? Bounded(BigInteger? least, BigInteger? most, int end)
    {
        // Where there is no bound numbers may have fewer digits than a double has room for, so that the states stay few and readers of 64 bits can follow.
        var digits = multiple <= 10 ? 18 : multiple <= 100 ? 12 : 8;
        var bound = BigInteger.Min(ExactNumber.Power(Math.Max(digits, Math.Max(Length(least), Length(most)) + 2)) - 1, new BigInteger(double.MaxValue));
        int start = builder.State(), minus = builder.State();
        BigInteger from = least ?? -bound, to = most ?? bound;
        if (FirstMultiple(from, multiple) > to) return null;
        if (to >= 0) Between(start, end, BigInteger.Max(from, 0), to);
        if (from >= 0) return start;
        builder.Byte(start, (byte)'-', minus);
        Between(minus, end, BigInteger.Max(1, -to), -from);
        return start;
    }

    private int? Rounded(BigInteger? least, BigInteger? most, BigInteger core, int zeros)
    {
        var unit = ExactNumber.Power(zeros);
        multiple = (int)core;
        BigInteger? low = least is { } from ? FirstMultiple(from, unit) / unit : null, high = most is { } to ? -(FirstMultiple(-to, unit) / unit) : null;
        int tail = builder.State(), start = builder.State();
        builder.Mark(builder.Literal(tail, Encoding.ASCII.GetBytes(new string('0', zeros))), StateMarks.Final);
        var any = false;
        foreach (var (a, b) in ((BigInteger?, BigInteger?)[])[(low, Smaller(high, -1)), (Larger(low, 1), high)])
        {
            if (a > b || Bounded(a, b, tail) is not { } part) continue;
            builder.Epsilon(start, part);
            any = true;
        }

        if (low > 0 || high < 0) return any ? start : null;
        builder.Mark(builder.Literal(start, "0"u8), StateMarks.Final);
        return start;
    }

    // The multiples next to a bound, or to zero.
    private int? Listed(BigInteger? least, BigInteger? most, BigInteger step)
    {
        var first = least is { } from ? FirstMultiple(from, step) : most is { } to ? FirstMultiple(to - (step * MostListed), step) : -(step * MostListed / 2);
        var words = new WordTree(builder, builder.State());
        var any = false;
        for (var (i, value) = (0, first); i < MostListed && !(value > most); i++, value += step, any = true)
            builder.Mark(words.Add(Encoding.ASCII.GetBytes(Written(value))), StateMarks.Final);
        return any ? words.Root : null;
    }

    private string Written(BigInteger value)
    {
        var digits = Text(BigInteger.Abs(value)).PadLeft(places + 1, '0');
        return (value.Sign < 0 ? "-" : "") + (places == 0 ? digits : $"{digits[..^places]}.{digits[^places..]}");
    }

    private static BigInteger FirstMultiple(BigInteger from, BigInteger step)
    {
        var rest = BigInteger.Remainder(from, step);
        return rest.IsZero ? from : rest.Sign > 0 ? from - rest + step : from - rest;
    }

    private static BigInteger Smaller(BigInteger? a, BigInteger b) => a is { } value && value < b ? value : b;

    private static BigInteger Larger(BigInteger? a, BigInteger b) => a is { } value && value > b ? value : b;

    private static int Length(BigInteger? number) => number is { } value ? Text(BigInteger.Abs(value)).Length : 0;

    private static string Text(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    private void Between(int start, int end, BigInteger low, BigInteger high)
    {
        if (low > high) return;
        int shortest = Math.Max(Text(low).Length, places + 1), longest = Math.Max(Text(high).Length, places + 1);
        for (var length = shortest; length <= longest; length++)
        {
            var from = length == shortest ? Text(low).PadLeft(length, '0') : "1" + new string('0', length - 1);
            var to = length == longest ? Text(high).PadLeft(length, '0') : new string('9', length);
            if (length > shortest && length < longest && length > 1) Full(start, end, length);
            else Same(start, end, from, to);
        }
    }

    private void Full(int start, int end, int length)
    {
        var from = Pointed(start, length);
        for (var digit = 1; digit <= 9; digit++) builder.Byte(from, (byte)('0' + digit), Free(length - 1, digit % multiple, end));
    }

    // States are (place, still on the lower bound, still on the upper bound, remainder); off both bounds, lengths share them.
    private void Same(int start, int end, string low, string high)
    {
        var states = new Dictionary<(bool Low, bool High, int Remainder), int> { [(true, true, 0)] = start };
        for (var place = 0; place < low.Length; place++)
        {
            var next = new Dictionary<(bool, bool, int), int>();
            var left = low.Length - place - 1;
            foreach (var (at, state) in states)
            {
                if (!at.Low && !at.High) continue; // written by Free
                int least = at.Low ? low[place] - '0' : 0, most = at.High ? high[place] - '0' : 9;
                var from = Pointed(state, left + 1);
                for (var digit = least; digit <= most; digit++)
                {
                    var remainder = ((at.Remainder * 10) + digit) % multiple;
                    bool onLow = at.Low && digit == low[place] - '0', onHigh = at.High && digit == high[place] - '0';
                    if (left == 0)
                    {
                        if (remainder == 0) builder.Byte(from, (byte)('0' + digit), end);
                        continue;
                    }

                    var key = (onLow, onHigh, remainder);
                    if (!next.TryGetValue(key, out var to)) next[key] = to = onLow || onHigh ? builder.State() : Free(left, remainder, end);
                    builder.Byte(from, (byte)('0' + digit), to);
                }
            }

            states = next;
        }
    }

    /// <summary>A state from which any so many digits follow that make a multiple.</summary>
    private int Free(int left, int remainder, int end)
    {
        if (free.TryGetValue((left, remainder), out var known)) return known;
        var first = free[(left, remainder)] = builder.State();
        var work = new Queue<(int Left, int Remainder)>([(left, remainder)]);
        while (work.TryDequeue(out var at))
        {
            var from = Pointed(free[at], at.Left);
            for (var digit = 0; digit < 10; digit++)
            {
                var next = ((at.Remainder * 10) + digit) % multiple;
                if (at.Left == 1)
                {
                    if (next == 0) builder.Byte(from, (byte)('0' + digit), end);
                    continue;
                }

                if (!free.TryGetValue((at.Left - 1, next), out var to))
                {
                    free[(at.Left - 1, next)] = to = builder.State();
                    work.Enqueue((at.Left - 1, next));
                }

                builder.Byte(from, (byte)('0' + digit), to);
            }
        }

        return first;
    }

    // The point stands before the last digits.
    private int Pointed(int state, int left)
    {
        if (places == 0 || left != places) return state;
        var after = builder.State();
        builder.Byte(state, (byte)'.', after);
        return after;
    }
}
