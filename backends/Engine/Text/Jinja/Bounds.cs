namespace Gateway.Engine.Text.Jinja;

/// <summary>Limits on single values. A list may hold another many times over, so its size is counted as the tree that printing it would walk.</summary>
internal static class Bounds
{
    private const int MaxText = 16 << 20; // characters
    private const long MaxWeight = 4 << 20; // items, and eighths of characters
    private const int MaxNesting = 100; // lists in lists: walking them takes the stack

    /// <summary>Call before making a text of this many characters.</summary>
    public static void Text(long length)
    {
        if (length > MaxText) throw new ChatTemplateException($"the chat template makes a text of more than {MaxText} characters");
    }

    public static long WeightOf(object? value) => value switch
    {
        string text => 1 + (text.Length / 8),
        Sequence sequence => sequence.Weight,
        Namespace => 1,
        Dict dict => dict.Weight,
        _ => 1,
    };

    public static long Weight(List<object?> items)
    {
        long weight = 1;
        foreach (var item in items) weight += WeightOf(item);
        return Checked(weight);
    }

    public static long Weight(long before, object? key, object? value) => Checked(before + WeightOf(key) + WeightOf(value));

    /// <summary>How deep a list of these items nests.</summary>
    public static int Nesting(IEnumerable<object?> items)
    {
        var depth = 1;
        foreach (var item in items) depth = Math.Max(depth, 1 + (item is Sequence sequence ? sequence.Nesting : item is Dict dict and not Namespace ? dict.Nesting : 0));
        return depth <= MaxNesting ? depth : throw new ChatTemplateException($"values are nested more than {MaxNesting} deep");
    }

    public static long Checked(long weight) =>
        weight <= MaxWeight ? weight : throw new ChatTemplateException("the chat template makes a value that is too large");
}
