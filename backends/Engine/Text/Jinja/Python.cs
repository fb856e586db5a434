using System.Globalization;
using System.Numerics;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>How Python prints, compares and calculates.</summary>
internal static class Python
{
    private const int MaxBits = 4096; // of an integer
    private const int MaxRepeated = 1 << 20; // characters or items made by multiplication

    public static string Str(object? value) => value is string text ? text : value is Undefined ? "" : Repr(value, 0);

    public static string Repr(object? value, int depth = 0)
    {
        if (depth > 60) throw new ChatTemplateException("a value is nested too deep to be printed");
        return value switch
        {
            null => "None",
            true => "True",
            false => "False",
            long or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
            double real => Float(real),
            string text => Quoted(text),
            Sequence { Kind: SequenceKind.Generator } => "<generator object>",
            Sequence { Kind: SequenceKind.Range } range => RangeText(range),
            Sequence { Kind: SequenceKind.Tuple } tuple => "(" + Joined(tuple.Items, depth) + (tuple.Items.Count == 1 ? ",)" : ")"),
            Sequence list => "[" + Joined(list.Items, depth) + "]",
            Namespace => "<Namespace>",
            Dict dict => "{" + string.Join(", ", dict.Entries.Select(e => $"{Repr(e.Key, depth + 1)}: {Repr(e.Value, depth + 1)}")) + "}",
            Undefined => "Undefined",
            byte[] bytes => "b'" + string.Concat(bytes.Select(b => b is >= 32 and < 127 ? ((char)b).ToString() : $"\\x{b:x2}")) + "'",
            Function function => $"<function {function.Name}>",
            _ => value.ToString() ?? "",
        };
    }

    public static string Float(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var round = value.ToString("R", CultureInfo.InvariantCulture);
        // From the shortest digits that read back the same: "E16" prints 1e-07 as 9.99…E-008.
        var mark = round.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark >= 0 ? int.Parse(round[(mark + 1)..], CultureInfo.InvariantCulture) : (int)Math.Floor(Math.Log10(Math.Abs(value)));
        if (exponent is < -4 or >= 16)
        {
            var digits = Digits(round);
            var mantissa = digits.Length > 1 ? digits[0] + "." + digits[1..] : digits;
            return (value < 0 ? "-" : "") + mantissa + "e" + (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        }

        var plain = decimal.TryParse(round, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && round.Contains('E') ? exact.ToString(CultureInfo.InvariantCulture) : round;
        return plain.Contains('.') ? plain : plain + ".0";
    }

    private static string Digits(string round)
    {
        var mantissa = round.Split('E')[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
        return mantissa.Length == 0 ? "0" : mantissa;
    }

    public static string Quoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder(text.Length + 2).Append(quote);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var own = text[at];
            at += rune.Utf16SequenceLength;
            if (char.IsSurrogate(own) && rune == Rune.ReplacementChar) quoted.Append(own); // the tokenizer's guard must arrive
            else if (rune.Value == quote || rune.Value == '\\') quoted.Append('\\').Append(rune);
            else if (rune.Value == '\n') quoted.Append("\\n");
            else if (rune.Value == '\t') quoted.Append("\\t");
            else if (rune.Value == '\r') quoted.Append("\\r");
            else if (IsPrintable(rune)) quoted.Append(rune);
            else quoted.Append(rune.Value < 0x100 ? $"\\x{rune.Value:x2}" : rune.Value < 0x10000 ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
        }

        return quoted.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static string Joined(List<object?> items, int depth) => string.Join(", ", items.Select(item => Repr(item, depth + 1)));

    private static string RangeText(Sequence range)
    {
        if (range.Items.Count == 0) return "range(0, 0)";
        var first = (long)range.Items[0]!;
        var step = range.Items.Count > 1 ? (long)range.Items[1]! - first : 1;
        var stop = (long)range.Items[^1]! + Math.Sign(step);
        return step == 1 ? $"range({first}, {stop})" : $"range({first}, {stop}, {step})";
    }

    public static bool IsTrue(object? value) => value switch
    {
        null or false or Undefined or "" or 0L or 0d => false,
        Sequence { Kind: not SequenceKind.Generator } sequence => sequence.Items.Count > 0,
        Namespace => true,
        Dict dict => dict.Count > 0,
        BigInteger big => !big.IsZero,
        _ => true,
    };

    /// <summary>Python's upper case: ß has none of its own.</summary>
    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    public static bool AreEqual(object? a, object? b)
    {
        if (IsNumber(a) && IsNumber(b)) return a is double || b is double ? ToDouble(a!) == ToDouble(b!) : ToBig(a!) == ToBig(b!);
        return (a, b) switch
        {
            (null, null) => true,
            (string x, string y) => x == y,
            (Undefined, Undefined) => true,
            (Sequence x, Sequence y) => x.Kind == y.Kind && x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (Namespace, _) or (_, Namespace) => ReferenceEquals(a, b), // two may hold each other
            (Dict x, Dict y) => x.Count == y.Count && x.Entries.All(e => y.TryGet(e.Key, out var other) && AreEqual(e.Value, other)),
            _ => ReferenceEquals(a, b),
        };
    }

    public static int Compare(object? a, object? b)
    {
        if (IsNumber(a) && IsNumber(b)) return a is double || b is double ? ToDouble(a!).CompareTo(ToDouble(b!)) : ToBig(a!).CompareTo(ToBig(b!));
        if (a is string x && b is string y) return CompareText(x, y);
        if (a is Sequence s && b is Sequence t && s.Kind == t.Kind)
        {
            for (var i = 0; i < s.Items.Count && i < t.Items.Count; i++)
                if (!AreEqual(s.Items[i], t.Items[i])) return Compare(s.Items[i], t.Items[i]);
            return s.Items.Count.CompareTo(t.Items.Count);
        }

        throw a is Undefined undefined ? undefined.Used() : b is Undefined other ? other.Used()
            : new ChatTemplateException($"'<' is not supported between instances of '{TypeName(a)}' and '{TypeName(b)}'");
    }

    /// <summary>By code point, where .NET's ordinal order is by UTF-16 unit.</summary>
    private static int CompareText(string x, string y)
    {
        var (a, b) = (x.EnumerateRunes(), y.EnumerateRunes());
        while (true)
        {
            var (more, others) = (a.MoveNext(), b.MoveNext());
            if (!more || !others) return more.CompareTo(others);
            if (a.Current != b.Current) return a.Current.CompareTo(b.Current);
        }
    }

    public static object? Calculate(string op, object? a, object? b)
    {
        if (a is Undefined undefined) throw undefined.Used();
        if (op == "%" && a is string format) return PercentFormat.Apply(format, b);
        if (b is Undefined other) throw other.Used();
        switch (op)
        {
            case "+" when a is string x && b is string y:
                Bounds.Text((long)x.Length + y.Length);
                return x + y;
            case "+" when a is Sequence s && b is Sequence t && s.Kind == t.Kind && s.Kind is SequenceKind.List or SequenceKind.Tuple: return new Sequence([.. s.Items, .. ((Sequence)b!).Items], s.Kind);
            case "*" when a is string or Sequence && b is long or bool: return Repeat(a, ToLong(b!));
            case "*" when b is string or Sequence && a is long or bool: return Repeat(b, ToLong(a!));
        }

        if (!IsNumber(a) || !IsNumber(b)) throw new ChatTemplateException($"unsupported operand type(s) for {op}: '{TypeName(a)}' and '{TypeName(b)}'");
        if (a is double || b is double || op == "/") return Real(op, ToDouble(a!), ToDouble(b!));
        return Whole(op, ToBig(a!), ToBig(b!));
    }

    private static double Real(string op, double a, double b)
    {
        if (op is "/" or "//" or "%" && b == 0) throw new ChatTemplateException("division by zero");
        return op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (Math.Floor(a / b) * b),
            _ => Math.Pow(a, b),
        };
    }

    private static object Whole(string op, BigInteger a, BigInteger b)
    {
        if (op is "//" or "%" && b.IsZero) throw new ChatTemplateException("integer division or modulo by zero");
        if (op == "**" && b.Sign < 0) return Math.Pow((double)a, (double)b);
        if (op == "**" && (b > MaxBits || a.GetBitLength() * (long)b > MaxBits)) throw new ChatTemplateException("a number grows too large");
        var quotient = op is "//" or "%" ? BigInteger.DivRem(a, b, out _) : default;
        if (op is "//" or "%" && a.Sign * b.Sign < 0 && quotient * b != a) quotient--;
        var result = op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "//" => quotient,
            "%" => a - (quotient * b),
            _ => BigInteger.Pow(a, (int)b),
        };
        if (result.GetBitLength() > MaxBits) throw new ChatTemplateException("a number grows too large");
        return Narrow(result);
    }

    public static object Narrow(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    private static object Repeat(object? what, long times)
    {
        times = Math.Max(0, times);
        var length = what is string text ? text.Length : ((Sequence)what!).Items.Count;
        if (length * (Int128)times > MaxRepeated) throw new ChatTemplateException("a repetition grows too large");
        if (what is string repeated) return new StringBuilder().Insert(0, repeated, (int)times).ToString();
        var sequence = (Sequence)what!;
        return new Sequence([.. Enumerable.Repeat(sequence.Items, (int)times).SelectMany(items => items)], sequence.Kind);
    }

    public static object Numeric(object? value) => IsNumber(value) ? value! : throw new ChatTemplateException($"a number is required, not {TypeName(value)}");

    public static bool IsNumber(object? value) => value is long or double or bool or BigInteger;

    public static double ToDouble(object value) => value switch { bool flag => flag ? 1 : 0, long number => number, BigInteger big => (double)big, _ => (double)value };

    public static BigInteger ToBig(object value) => value switch { bool flag => flag ? 1 : 0, long number => number, BigInteger big => big, _ => new BigInteger((double)value) };

    public static long ToLong(object? value) => value switch
    {
        bool flag => flag ? 1 : 0,
        long number => number,
        BigInteger => throw new ChatTemplateException("a number is too large here"),
        Undefined undefined => throw undefined.Used(),
        _ => throw new ChatTemplateException($"an integer is needed, not '{TypeName(value)}'"),
    };

    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        Sequence { Kind: SequenceKind.Tuple } => "tuple",
        Sequence { Kind: SequenceKind.Generator } => "generator",
        Sequence { Kind: SequenceKind.Range } => "range",
        Sequence => "list",
        Namespace => "Namespace",
        Dict => "dict",
        Undefined => "Undefined",
        byte[] => "bytes",
        _ => "function",
    };

    /// <summary>One text a code point. A lone surrogate stays as it is: the tokenizer's guard is one.</summary>
    private static List<object?> Characters(string text)
    {
        var characters = new List<object?>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            characters.Add(pair ? text.Substring(i++, 2) : text[i].ToString());
        }

        return characters;
    }

    /// <summary>What a loop goes over; characters of a string, keys of a dictionary.</summary>
    public static List<object?> Iterate(object? value) => value switch
    {
        Sequence sequence => sequence.Items,
        Dict dict and not Namespace => [.. dict.Entries.Select(entry => entry.Key)],
        string text => Characters(text),
        Undefined => [],
        _ => throw new ChatTemplateException($"'{TypeName(value)}' object is not iterable"),
    };
}
