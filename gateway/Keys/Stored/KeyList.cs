namespace Gateway.Keys.Stored;

/// <summary>The answer of <c>GET /admin/v1/keys</c>.</summary>
internal sealed record KeyList(IReadOnlyList<KeyEntry> Data, bool HasMore)
{
    public string Object { get; } = "list";

    public string? FirstId => Data.Count > 0 ? Data[0].Id : null;

    public string? LastId => Data.Count > 0 ? Data[^1].Id : null;
}

/// <summary>The answer of <c>DELETE /admin/v1/keys/{id}</c>.</summary>
internal sealed record KeyDeleted(string Id)
{
    public string Object { get; } = "key.deleted";

    public bool Deleted { get; } = true;
}
