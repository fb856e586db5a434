namespace Gateway.Keys;

/// <summary>Scopes as settings and the admin API spell them.</summary>
internal static class ScopeNames
{
    public const string Inference = "inference";

    private static readonly (string Name, Scopes Scope)[] Known = [(Inference, Scopes.Inference), ("files", Scopes.Files), ("fine-tuning", Scopes.FineTuning), ("admin", Scopes.Admin)];

    /// <summary>All of them, for error texts.</summary>
    public static string[] All { get; } = [.. Known.Select(static known => known.Name)];

    /// <summary>One name's scope.</summary>
    public static bool TryParse(string name, out Scopes scope)
    {
        scope = Array.Find(Known, known => known.Name == name).Scope;
        return scope != Scopes.None;
    }

    /// <summary>All names together; one that is not known opens nothing.</summary>
    public static Scopes Parse(IEnumerable<string> names)
    {
        var all = Scopes.None;
        foreach (var name in names)
            if (TryParse(name, out var scope)) all |= scope;
        return all;
    }

    /// <summary>The names, always in the same order.</summary>
    public static string[] Of(Scopes scopes) => [.. Known.Where(known => scopes.HasFlag(known.Scope)).Select(static known => known.Name)];
}
