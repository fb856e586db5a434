using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for JSON itself, each made when it is first asked for. White space is bounded, so that it cannot go on for ever.</summary>
internal sealed class JsonRules(AutomatonBuilder builder)
{
    private const int MostIndent = 24;
    private int space = -1, character = -1, text = -1, number = -1, integer = -1, value = -1, anyObject = -1, anyArray = -1;

    public AutomatonBuilder Builder => builder;

    /// <summary>Nothing, a space, or a line break with an indent.</summary>
    public int Space()
    {
        if (space >= 0) return space;
        int start = builder.State(StateMarks.Final), end = builder.State(StateMarks.Final);
        space = builder.Rule(start);
        builder.Byte(start, (byte)' ', end);
        var indent = builder.State(StateMarks.Final);
        builder.Byte(start, (byte)'\n', indent);
        for (var i = 0; i < MostIndent; i++)
        {
            var next = builder.State(StateMarks.Final);
            builder.Byte(indent, (byte)' ', next);
            builder.Byte(indent, (byte)'\t', next);
            indent = next;
        }

        return space;
    }

    /// <summary>One character of a string.</summary>
    public int Character()
    {
        if (character >= 0) return character;
        int start = builder.State(), end = builder.State(StateMarks.Final);
        CharacterWriter.InString(builder, start, 0, CharacterWriter.Last, end);
        return character = builder.Rule(start);
    }

    /// <summary>Any string.</summary>
    public int Text()
    {
        if (text >= 0) return text;
        int start = builder.State(), inside = builder.State();
        builder.Byte(start, (byte)'"', inside);
        CharacterWriter.InString(builder, inside, 0, CharacterWriter.Last, inside);
        builder.Byte(inside, (byte)'"', builder.State(StateMarks.Final));
        return text = builder.Rule(start);
    }

    /// <summary>Any whole number that a double can reach.</summary>
    public int Integer()
    {
        if (integer >= 0) return integer;
        int start = builder.State(), end = builder.State(StateMarks.Final);
        Whole(Signed(start), end, 308);
        return integer = builder.Rule(start);
    }

    /// <summary>Any number within a double's range: 200 digits with an exponent of two digits, or one digit with one of up to 307.</summary>
    public int Number()
    {
        if (number >= 0) return number;
        int start = builder.State(), end = builder.State(StateMarks.Final);
        number = builder.Rule(start);
        var signed = Signed(start);
        int whole = builder.State(), exponent = builder.State(), digit = builder.State(), far = builder.State(), farExponent = builder.State();
        Whole(signed, whole, 200);
        Fraction(whole, exponent, 200);
        builder.Epsilon(exponent, end);
        Digits(Sign(Letter(exponent)), end, 1, 2);
        builder.Bytes(signed, (byte)'0', (byte)'9', digit);
        Fraction(digit, far, 17);
        var three = Sign(Letter(far));
        int hundreds = builder.State(), last = builder.State(), thirty = builder.State();
        builder.Bytes(three, (byte)'1', (byte)'2', hundreds);
        builder.Bytes(hundreds, (byte)'0', (byte)'9', last);
        builder.Bytes(last, (byte)'0', (byte)'9', end);
        builder.Byte(three, (byte)'3', thirty);
        builder.Byte(thirty, (byte)'0', farExponent);
        builder.Bytes(farExponent, (byte)'0', (byte)'7', end);
        return number;
    }

    public int Literal(ReadOnlySpan<byte> bytes)
    {
        var start = builder.State();
        builder.Mark(builder.Literal(start, bytes), StateMarks.Final);
        return builder.Rule(start);
    }

    /// <summary>Any value.</summary>
    public int Value()
    {
        if (value >= 0) return value;
        value = builder.DeclareRule();
        builder.DefineRule(value, Union([Text(), Number(), Literal("true"u8), Literal("false"u8), Literal("null"u8), AnyObject(), AnyArray()]));
        return value;
    }

    public int AnyObject()
    {
        if (anyObject >= 0) return anyObject;
        anyObject = builder.DeclareRule();
        builder.DefineRule(anyObject, new ObjectWriter(this, [], -1, new FreeKeyWriter(this, new FreeKeys(null), _ => Value(), []), 0, int.MaxValue).Start());
        return anyObject;
    }

    public int AnyArray()
    {
        if (anyArray >= 0) return anyArray;
        anyArray = builder.DeclareRule();
        builder.DefineRule(anyArray, Array([], Value(), 0, int.MaxValue));
        return anyArray;
    }

    /// <summary>A state from which each of these rules may be read, and nothing after it.</summary>
    public int Union(IReadOnlyList<int> rules)
    {
        int start = builder.State(), end = builder.State(StateMarks.Final);
        foreach (var rule in rules) builder.Call(start, rule, end);
        return start;
    }

    /// <summary>The first state of an array.</summary>
    /// <param name="first">Rules of the first items.</param>
    /// <param name="rest">The rule of the items after them; −1 allows none.</param>
    /// <param name="least">Fewest items.</param>
    /// <param name="most">Most items.</param>
    public int Array(IReadOnlyList<int> first, int rest, int least, int most)
    {
        int start = builder.State(), open = builder.State(), close = builder.State(), end = builder.State(StateMarks.Final), closing = builder.State();
        builder.Byte(start, (byte)'[', open);
        builder.Call(closing, Space(), close);
        builder.Byte(close, (byte)']', end);
        if (least == 0) builder.Epsilon(open, closing);
        var at = open;
        var count = 0;
        foreach (var item in first.Take(most))
        {
            at = Next(at, item, count++ > 0);
            if (count >= least) builder.Epsilon(at, closing);
        }

        if (rest < 0 || count >= most) return start;
        if (count == 0)
        {
            at = Next(at, rest, comma: false);
            count = 1;
            if (count >= least) builder.Epsilon(at, closing);
            if (most == 1) return start;
        }

        var more = builder.State();
        builder.Mark(Next(more, rest, comma: true), StateMarks.Final);
        var loop = builder.LoopRule(builder.Rule(more), Math.Max(0, least - count), most == int.MaxValue ? most : most - count);
        builder.Call(at, loop, closing);
        return start;
    }

    /// <summary>White space after a state, with a comma in the middle of it where one is wanted.</summary>
    public int Separated(int from, bool comma)
    {
        var next = builder.State();
        builder.Call(from, Space(), next);
        if (!comma) return next;
        int after = builder.State(), end = builder.State();
        builder.Byte(next, (byte)',', after);
        builder.Call(after, Space(), end);
        return end;
    }

    private int Next(int from, int item, bool comma)
    {
        var end = builder.State();
        builder.Call(Separated(from, comma), item, end);
        return end;
    }

    private int Signed(int start)
    {
        var signed = builder.State();
        builder.Epsilon(start, signed);
        builder.Byte(start, (byte)'-', signed);
        return signed;
    }

    private int Letter(int from)
    {
        var next = builder.State();
        builder.Byte(from, (byte)'e', next);
        builder.Byte(from, (byte)'E', next);
        return next;
    }

    private int Sign(int from)
    {
        var next = builder.State();
        builder.Epsilon(from, next);
        builder.Byte(from, (byte)'-', next);
        builder.Byte(from, (byte)'+', next);
        return next;
    }

    private void Whole(int from, int to, int most)
    {
        builder.Byte(from, (byte)'0', to);
        var first = builder.State();
        builder.Bytes(from, (byte)'1', (byte)'9', first);
        Digits(first, to, 0, most - 1);
    }

    private void Fraction(int from, int to, int most)
    {
        builder.Epsilon(from, to);
        var point = builder.State();
        builder.Byte(from, (byte)'.', point);
        Digits(point, to, 1, most);
    }

    private void Digits(int from, int to, int least, int most)
    {
        int digit = builder.State(), end = builder.State(StateMarks.Final);
        builder.Bytes(digit, (byte)'0', (byte)'9', end);
        builder.Call(from, builder.LoopRule(builder.Rule(digit), least, most), to);
    }
}
