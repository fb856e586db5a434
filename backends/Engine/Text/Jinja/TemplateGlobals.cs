using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Jinja;

/// <summary>The functions that every template may call.</summary>
internal static class TemplateGlobals
{
    private const int MaxRange = 100_000; // the reference's own limit

    public static void Fill(Scope globals, TimeProvider clock)
    {
        Add("raise_exception", a => throw new ChatTemplateException(Python.Str(a.Need(0, "message")), raised: true));
        Add("strftime_now", a => Format(clock.GetLocalNow(), Python.Str(a.Need(0, "format"))));
        Add("range", a => Range(a.AtMost(3)));
        globals["dict"] = new Function("dict", a => Named(a, new Dict())) { Members = new Dictionary<string, object?> { ["fromkeys"] = new Function("fromkeys", FromKeys) } };
        Add("namespace", a => Named(a, new Namespace()));
        Add("joiner", a =>
        {
            var used = false;
            return new Function("joiner", _ =>
            {
                var separator = used ? a.Get(0, "sep", ", ") : "";
                used = true;
                return separator;
            });
        });
        Add("cycler", a =>
        {
            var at = 0;
            var cycler = new Namespace { ["next"] = new Function("next", _ => a.Positional.Count > 0 ? a.Positional[at++ % a.Positional.Count] : throw new ChatTemplateException("at least one item has to be provided")) };
            return cycler;
        });

        void Add(string name, Func<CallArguments, object?> invoke) => globals[name] = new Function(name, invoke);
    }

    private static Dict FromKeys(CallArguments a)
    {
        var dict = new Dict();
        foreach (var key in Python.Iterate(a.Need(0, "iterable"))) dict[key] = a.Get(1, "value");
        return dict;
    }

    private static Dict Named(CallArguments a, Dict into)
    {
        foreach (var given in a.Positional)
        {
            if (given is Dict other)
                foreach (var (key, value) in other.Entries) into[key] = value;
            else
                foreach (var pair in Python.Iterate(given)) into[Members.Item(pair, 0L)] = Members.Item(pair, 1L);
        }

        foreach (var (name, value) in a.Named)
        {
            if (into is Namespace && name.StartsWith('_')) throw new ChatTemplateException($"the attribute '{name}' is not safe");
            into[name] = value;
        }

        return into;
    }

    private static Sequence Range(CallArguments a)
    {
        var first = Python.ToLong(a.Need(0, "start"));
        var (start, stop, step) = a.Count == 1 ? (0, first, 1) : (first, Python.ToLong(a.Need(1, "stop")), a.Has(2, "step") ? Python.ToLong(a.Get(2, "step")) : 1);
        if (step == 0) throw new ChatTemplateException("range() arg 3 must not be zero");
        var count = Int128.Max(0, step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -step);
        if (count > MaxRange) throw new ChatTemplateException($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");
        return new Sequence([.. Enumerable.Range(0, (int)count).Select(i => (object?)(start + (i * step)))], SequenceKind.Range);
    }

    /// <summary>strftime in the C locale.</summary>
    private static string Format(DateTimeOffset now, string format)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var padded = format[++i] != '-';
            if (!padded && ++i == format.Length) break;
            var part = Part(now, format[i]);
            text.Append(padded ? part : part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0");
        }

        return text.ToString();
    }

    private static string Part(DateTimeOffset now, char code)
    {
        string Net(string format) => now.ToString(format, CultureInfo.InvariantCulture);
        return code switch
        {
            'Y' => Net("yyyy"),
            'y' => Net("yy"),
            'm' => Net("MM"),
            'd' => Net("dd"),
            'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'H' => Net("HH"),
            'I' => Net("hh"),
            'M' => Net("mm"),
            'S' => Net("ss"),
            'f' => Net("ffffff"),
            'p' => Net("tt"),
            'B' => Net("MMMM"),
            'b' or 'h' => Net("MMM"),
            'A' => Net("dddd"),
            'a' => Net("ddd"),
            'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)now.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => Net("yyyy-MM-dd"),
            'T' => Net("HH:mm:ss"),
            'D' => Net("MM/dd/yy"),
            'R' => Net("HH:mm"),
            'c' => Net("ddd MMM ") + now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + Net(" HH:mm:ss yyyy"),
            'x' => Net("MM/dd/yy"),
            'X' => Net("HH:mm:ss"),
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            'z' or 'Z' => "",
            _ => "%" + code,
        };
    }
}
