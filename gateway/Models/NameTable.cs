namespace Gateway.Models;

/// <summary>What names and patterns stand for; immutable. An exact name wins, then the longest pattern.</summary>
internal sealed class NameTable<T>
    where T : class
{
    private readonly Dictionary<string, T> byName = new(StringComparer.Ordinal);
    private readonly List<(NamePattern Pattern, T Value)> patterns;

    /// <param name="names">Of two alike the first counts.</param>
    public NameTable(IEnumerable<(string Name, T Value)> names)
    {
        var found = new List<(NamePattern Pattern, T Value)>();
        foreach (var (name, value) in names)
            if (name.Contains('*')) found.Add((new NamePattern(name), value));
            else byName.TryAdd(name, value);
        patterns = [.. found.OrderByDescending(static entry => entry.Pattern.Text.Length)];
    }

    /// <summary>Null for a name of nothing.</summary>
    public T? Find(string name)
    {
        if (byName.TryGetValue(name, out var exact)) return exact;
        if (name is "." or "..") return null; // in a path these are no names
        foreach (var (pattern, value) in patterns)
            if (pattern.Matches(name)) return value;
        return null;
    }
}
