using System.Numerics;

namespace Gateway.Engine.Text.Jinja;

/// <summary>A template did what it may not, or raised an error of its own; the message is for the caller.</summary>
public sealed class ChatTemplateException(string message, bool raised = false) : Exception(message)
{
    /// <summary>Whether the template itself raised it (<c>raise_exception</c>).</summary>
    public bool Raised { get; } = raised;
}

/// <summary>A name or key that is not there: prints as nothing, iterates as nothing, everything else raises.</summary>
internal sealed class Undefined(string name)
{
    public ChatTemplateException Used() => new($"'{name}' is undefined");
}

/// <summary>A list, a tuple, or what a generator would give.</summary>
internal sealed class Sequence(List<object?> items, SequenceKind kind = SequenceKind.List)
{
    public List<object?> Items => items;

    /// <summary>What walking it as a tree costs: shared, nested lists must not grow without bound.</summary>
    public long Weight { get; } = Bounds.Weight(items);

    public int Nesting { get; } = Bounds.Nesting(items);

    public SequenceKind Kind => kind;
}

internal enum SequenceKind
{
    List,
    Tuple,
    Range,
    Generator,
}

/// <summary>A dictionary in the order of insertion; 1, 1.0 and true are one key, as in Python.</summary>
internal class Dict
{
    private readonly Dictionary<object, int> index = new(KeyComparer.Instance);
    private readonly List<KeyValuePair<object?, object?>> entries = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => entries;

    /// <inheritdoc cref="Sequence.Weight"/>
    public long Weight { get; private set; } = 1;

    public int Nesting { get; private set; } = 1;

    public int Count => entries.Count;

    public object? this[object? key]
    {
        set
        {
            if (this is not Namespace)
            {
                Weight = Bounds.Weight(Weight, key, value);
                Nesting = Math.Max(Nesting, Bounds.Nesting([value]));
            }

            if (index.TryGetValue(Box(key), out var at)) entries[at] = new(entries[at].Key, value);
            else
            {
                index[Box(key)] = entries.Count;
                entries.Add(new(key, value));
            }
        }
    }

    public bool TryGet(object? key, out object? value)
    {
        var found = index.TryGetValue(Box(key), out var at);
        value = found ? entries[at].Value : null;
        return found;
    }

    private static object Box(object? key) => key is Sequence { Kind: SequenceKind.List } or Dict ? throw new ChatTemplateException("a list or a dictionary cannot be a key") : key ?? KeyComparer.None;
}

/// <summary><c>namespace()</c>: the one thing whose attributes a template may set.</summary>
internal sealed class Namespace : Dict;

/// <summary>
/// Text that <c>|safe</c> or <c>|escape</c> made: what is added to it is escaped for HTML, though nothing else is. It lives in names and
/// within sums only; every other use takes it as plain text.
/// </summary>
internal sealed record Markup(string Text)
{
    /// <summary>The sum of two values of which one at least is markup; null where that is no sum of texts.</summary>
    public static Markup? Sum(object? left, object? right)
    {
        if (Escaped(left) is not { } start || Escaped(right) is not { } end) return null;
        Bounds.Text((long)start.Length + end.Length);
        return new Markup(start + end);
    }

    /// <summary>The five characters that HTML needs escaped, and no others.</summary>
    public static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string? Escaped(object? value) => value is Markup markup ? markup.Text : value is string text ? Escape(text) : null;
}

/// <summary>Something callable.</summary>
internal sealed record Function(string Name, Func<CallArguments, object?> Invoke)
{
    /// <summary>The names that <c>f.name</c> answers to: a macro's own description, a class's functions.</summary>
    public IReadOnlyDictionary<string, object?>? Members { get; init; }
}

/// <summary>Evaluated arguments, taken by position or by name.</summary>
internal sealed class CallArguments(string function, IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named)
{
    public IReadOnlyList<object?> Positional => positional;

    public IReadOnlyDictionary<string, object?> Named => named;

    public int Count => positional.Count + named.Count;

    public bool Has(int at, string name) => at < positional.Count || named.ContainsKey(name);

    public object? Get(int at, string name, object? absent = null) => at < positional.Count ? positional[at] : named.TryGetValue(name, out var value) ? value : absent;

    public object? Need(int at, string name) => Has(at, name) ? Get(at, name) : throw new ChatTemplateException($"{function}() misses its argument '{name}'");

    public CallArguments AtMost(int count) => Count <= count ? this : throw new ChatTemplateException($"{function}() takes at most {count} arguments, not {Count}");
}

internal sealed class KeyComparer : IEqualityComparer<object>
{
    public static readonly KeyComparer Instance = new();
    public static readonly object None = new();

    bool IEqualityComparer<object>.Equals(object? a, object? b) => ReferenceEquals(a, b) || Python.AreEqual(a, b);

    int IEqualityComparer<object>.GetHashCode(object key) => key switch
    {
        bool flag => (flag ? 1d : 0d).GetHashCode(),
        long number => ((double)number).GetHashCode(),
        BigInteger big => ((double)big).GetHashCode(),
        double real => real.GetHashCode(),
        Sequence sequence => sequence.Items.Count,
        _ => key.GetHashCode(),
    };
}
