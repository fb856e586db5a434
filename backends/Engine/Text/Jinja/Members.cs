namespace Gateway.Engine.Text.Jinja;

/// <summary>What stands behind a dot and between brackets.</summary>
internal static class Members
{
    /// <summary><c>x.name</c>: a method first, then a key.</summary>
    public static object? Attribute(object? target, string name)
    {
        switch (target)
        {
            case Undefined undefined: throw undefined.Used();
            case LoopPosition loop: return loop.Get(name);
            case Function { Members: { } own }: return own.TryGetValue(name, out var member) ? member : new Undefined(name);
            case Namespace space: return space.TryGet(name, out var value) ? value : new Undefined(name);
        }

        if (name.StartsWith("__", StringComparison.Ordinal)) return new Undefined(name);
        if (Methods.Find(target, name) is { } method) return method;
        return target is Dict dict && dict.TryGet(name, out var found) ? found : new Undefined(name);
    }

    /// <summary><c>x[key]</c>: a key first, then, for texts, a method.</summary>
    public static object? Item(object? target, object? key)
    {
        switch (target)
        {
            case Undefined undefined:
                throw undefined.Used();
            case Namespace or LoopPosition when key is string name:
                return Attribute(target, name);
            case Dict dict:
                if (key is not (Sequence { Kind: SequenceKind.List } or Dict) && dict.TryGet(key, out var value)) return value;
                return key is string method && Methods.Find(target, method) is { } bound ? bound : new Undefined(Python.Str(key));
            case Sequence { Kind: SequenceKind.Generator }:
                return new Undefined(Python.Str(key));
            case Sequence list when key is long or bool:
                return At(list.Items, Python.ToLong(key));
            case string text when key is long or bool && !text.Any(char.IsSurrogate):
                var place = Python.ToLong(key) is < 0 and var back ? back + text.Length : Python.ToLong(key);
                return place >= 0 && place < text.Length ? text[(int)place].ToString() : new Undefined("str object has no such element");
            case string text when key is long or bool:
                return At(Python.Iterate(text), Python.ToLong(key));
            default:
                return key is string attribute && target is not null ? Attribute(target, attribute) : new Undefined(Python.Str(key));
        }
    }

    public static bool Contains(object? container, object? item) => container switch
    {
        string text => item is string part ? text.Contains(part, StringComparison.Ordinal) : throw new ChatTemplateException($"'in <string>' requires string as left operand, not {Python.TypeName(item)}"),
        Dict dict and not Namespace => item is not (Sequence { Kind: SequenceKind.List } or Dict) && dict.TryGet(item, out _),
        Sequence sequence => sequence.Items.Exists(other => Python.AreEqual(other, item)),
        Undefined => false,
        _ => throw new ChatTemplateException($"argument of type '{Python.TypeName(container)}' is not iterable"),
    };

    private static object? At(List<object?> items, long index)
    {
        if (index < 0) index += items.Count;
        return index >= 0 && index < items.Count ? items[(int)index] : new Undefined("list object has no such element");
    }
}

/// <summary>Python's slices.</summary>
internal static class Slicer
{
    public static object? Slice(object? target, long? start, long? stop, long? step)
    {
        if (target is Undefined undefined) throw undefined.Used();
        if (target is not (string or Sequence { Kind: not SequenceKind.Generator })) throw new ChatTemplateException($"'{Python.TypeName(target)}' object cannot be sliced");
        var items = Python.Iterate(target);
        var by = step ?? 1;
        if (by == 0) throw new ChatTemplateException("slice step cannot be zero");
        var count = items.Count;
        long Place(long? at, long absent) => at is null ? absent : Math.Clamp(at < 0 ? at.Value + count : at.Value, by > 0 ? 0 : -1, by > 0 ? count : count - 1);
        var (from, to) = by > 0 ? (Place(start, 0), Place(stop, count)) : (Place(start, count - 1), Place(stop, -1));
        var taken = new List<object?>();
        for (var i = from; by > 0 ? i < to : i > to; i += by) taken.Add(items[(int)i]);
        return target is string ? string.Concat(taken) : new Sequence(taken, ((Sequence)target).Kind);
    }
}
