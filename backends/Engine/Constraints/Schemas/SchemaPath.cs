namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Where in a schema something is, written as the live service writes it: <c>('properties', 'a')</c>.</summary>
internal sealed record SchemaPath(SchemaPath? Parent, string Name)
{
    public static SchemaPath Root { get; } = new(null, "");

    public SchemaPath At(string name) => new(this, name);

    public SchemaPath At(string name, int index) => At(name).At(index.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString()
    {
        var names = new List<string>();
        for (var at = this; at.Parent is not null; at = at.Parent) names.Add($"'{at.Name}'");
        names.Reverse();
        return names.Count == 1 ? $"({names[0]},)" : $"({string.Join(", ", names)})";
    }

    /// <summary>The same as a JSON pointer in the form of a fragment (RFC 6901): <c>#/properties/a</c>, in ASCII without commas.</summary>
    public string Pointer => Parent is null ? "#" : $"{Parent.Pointer}/{Uri.EscapeDataString(Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal))}";

    public GrammarException Wrong(string what) => new($"In context={this}, {what}");

    /// <summary>What is well-formed and cannot be satisfied: where another alternative stands beside it, that one remains.</summary>
    public NeverException Never(string what) => new($"In context={this}, {what}");
}

/// <summary>Nothing satisfies a schema.</summary>
internal sealed class NeverException(string message) : GrammarException(message);
