namespace Gateway.Client;

/// <summary>Which kept answers to list. Null is left out and means the server's default.</summary>
public sealed record StoredChatQuery
{
    /// <summary>Asked for or answered by this model.</summary>
    public string? Model { get; init; }

    /// <summary>Having all of these pairs.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The id of the last entry that was seen.</summary>
    public string? After { get; init; }

    /// <summary>Entries of one page, 1 to 100.</summary>
    public int? Limit { get; init; }

    /// <summary>Newest first.</summary>
    public bool Descending { get; init; }

    internal string ToPath(string path)
    {
        var parts = new List<string>();
        void Add(string name, string? value)
        {
            if (value is not null) parts.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}");
        }

        Add("model", Model);
        foreach (var (key, value) in Metadata ?? new Dictionary<string, string>()) Add($"metadata[{key}]", value);
        Add("after", After);
        Add("limit", Limit?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (Descending) Add("order", "desc");
        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";
    }
}
