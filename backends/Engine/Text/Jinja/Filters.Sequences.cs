namespace Gateway.Engine.Text.Jinja;

/// <summary>Filters over lists.</summary>
internal static partial class Filters
{
    /// <summary><c>a.b.0</c> as an attribute path.</summary>
    private static object? Path(object? item, object? path)
    {
        if (path is not string text) return Members.Item(item, path);
        foreach (var part in text.Split('.'))
            item = long.TryParse(part, out var index) ? Members.Item(item, index) : Members.Item(item, part);
        return item;
    }

    private static Sequence Map(object? value, CallArguments a)
    {
        if (a.Named.TryGetValue("attribute", out var attribute))
        {
            var absent = a.Named.GetValueOrDefault("default");
            return Lazy(Items(value).ConvertAll(item => Path(item, attribute) is var found && found is Undefined && absent is not null ? absent : found));
        }

        var name = a.Need(0, "filter") as string ?? throw new ChatTemplateException("map requires a filter argument");
        var rest = new CallArguments(name, [.. a.Positional.Skip(1)], a.Named);
        long weight = 0;
        return Lazy(Items(value).ConvertAll(item =>
        {
            var made = Run(name, item, rest);
            weight = Bounds.Checked(weight + Bounds.WeightOf(made));
            return made;
        }));
    }

    /// <summary>These filters take whatever counts as false, None included, for an empty list.</summary>
    private static List<object?> Items(object? value) => Python.IsTrue(value) ? Python.Iterate(value) : [];

    private static Sequence Select(object? value, CallArguments a, bool keep, Func<object?, object?>? of)
    {
        var test = a.Get(0, "test") as string;
        var rest = new CallArguments(test ?? "select", [.. a.Positional.Skip(1)], a.Named);
        return Lazy(Items(value).FindAll(item =>
        {
            var judged = of is null ? item : of(item);
            return (test is null ? Python.IsTrue(judged) : Tests.Run(test, judged, rest)) == keep;
        }));
    }

    private static Sequence SelectAttribute(object? value, CallArguments a, bool keep)
    {
        var attribute = a.Need(0, "attribute");
        return Select(value, new CallArguments("selectattr", [.. a.Positional.Skip(1)], a.Named), keep, item => Path(item, attribute));
    }

    private static Sequence Sort(object? value, CallArguments a)
    {
        var (reverse, exact, attribute) = (Python.IsTrue(a.Get(0, "reverse", false)), Python.IsTrue(a.Get(1, "case_sensitive", false)), a.Get(2, "attribute"));
        object? Key(object? item) => attribute is string several && several.Contains(',', StringComparison.Ordinal)
            ? new Sequence([.. several.Split(',').Select(path => Folded(Path(item, path), exact))])
            : Folded(attribute is null ? item : Path(item, attribute), exact);
        var ordered = Python.Iterate(value).ToList();
        var comparer = Comparer<object?>.Create(Python.Compare);
        return new Sequence([.. reverse ? Enumerable.Reverse(Enumerable.Reverse(ordered).OrderBy(Key, comparer)) : ordered.OrderBy(Key, comparer)]);
    }

    private static Sequence DictSort(object? value, CallArguments a)
    {
        if (value is not Dict dict) throw Wrong("dictsort", value);
        var exact = Python.IsTrue(a.Get(0, "case_sensitive", false));
        var byValue = a.Get(1, "by", "key") as string == "value";
        var ordered = dict.Entries.OrderBy(e => Folded(byValue ? e.Value : e.Key, exact), Comparer<object?>.Create(Python.Compare)).Select(e => (object?)new Sequence([e.Key, e.Value], SequenceKind.Tuple));
        return new Sequence([.. Python.IsTrue(a.Get(2, "reverse", false)) ? ordered.Reverse() : ordered]);
    }

    private static object? Folded(object? value, bool exact) => !exact && value is string text ? text.ToLowerInvariant() : value;

    private static object? Extreme(object? value, CallArguments a, int sign)
    {
        var (exact, attribute) = (Python.IsTrue(a.Get(0, "case_sensitive", false)), a.Get(1, "attribute"));
        object? Key(object? item) => Folded(attribute is null ? item : Path(item, attribute), exact);
        var items = Python.Iterate(value);
        if (items.Count == 0) return new Undefined("No aggregated item, sequence was empty.");
        return items.Aggregate((best, item) => Python.Compare(Key(item), Key(best)) * sign > 0 ? item : best);
    }

    private static object? Sum(object? value, CallArguments a)
    {
        var attribute = a.Get(0, "attribute");
        if (a.Get(1, "start") is string) throw new ChatTemplateException("sum() can't sum strings");
        long copied = 0; // adding lists copies what was added before
        return Python.Iterate(value).Aggregate(a.Get(1, "start", 0L), (sum, item) =>
        {
            copied = Bounds.Checked(copied + (sum is Sequence list ? list.Items.Count : 0));
            return Python.Calculate("+", sum, attribute is null ? item : Path(item, attribute));
        });
    }

    private static Sequence Unique(object? value, CallArguments a)
    {
        var (exact, attribute) = (Python.IsTrue(a.Get(0, "case_sensitive", false)), a.Get(1, "attribute"));
        var seen = new Dict();
        return Lazy(Python.Iterate(value).FindAll(item =>
        {
            var key = Folded(attribute is null ? item : Path(item, attribute), exact);
            if (seen.TryGet(key, out _)) return false;
            seen[key] = true;
            return true;
        }));
    }

    private static Sequence GroupBy(object? value, CallArguments a)
    {
        var attribute = a.Need(0, "attribute");
        object? Key(object? item) => Path(item, attribute) is var key && key is Undefined ? a.Get(1, "default", key) : key;
        var groups = Python.Iterate(value).OrderBy(item => Folded(Key(item), false), Comparer<object?>.Create(Python.Compare)).ToList();
        var result = new List<object?>();
        for (var i = 0; i < groups.Count;)
        {
            var key = Key(groups[i]);
            var members = groups.Skip(i).TakeWhile(item => Python.AreEqual(Folded(Key(item), false), Folded(key, false))).ToList();
            result.Add(new Sequence([key, new Sequence(members)], SequenceKind.Tuple));
            i += members.Count;
        }

        return new Sequence(result);
    }

    private static Sequence Batch(object? value, CallArguments a)
    {
        var size = (int)Math.Clamp(Python.ToLong(a.Need(0, "linecount")), 1, int.MaxValue);
        return Lazy([.. Python.Iterate(value).Chunk(size).Select(chunk =>
        {
            var row = chunk.ToList();
            while (a.Get(1, "fill_with") is { } fill && row.Count < Math.Min(size, 10_000)) row.Add(fill);
            return (object?)new Sequence(row);
        })]);
    }

    private static Sequence SliceInto(object? value, CallArguments a)
    {
        var items = Python.Iterate(value);
        var slices = (int)Math.Clamp(Python.ToLong(a.Need(0, "slices")), 1, 10_000);
        var (each, longer) = (items.Count / slices, items.Count % slices);
        var result = new List<object?>();
        for (var (i, at) = (0, 0); i < slices; i++)
        {
            var row = items.GetRange(at, each + (i < longer ? 1 : 0));
            at += row.Count;
            if (a.Get(1, "fill_with") is { } fill && i >= longer && longer > 0) row.Add(fill);
            result.Add(new Sequence(row));
        }

        return Lazy(result);
    }

    private static Sequence Lazy(List<object?> items) => new(items, SequenceKind.Generator);
}
