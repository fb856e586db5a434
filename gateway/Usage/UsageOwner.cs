namespace Gateway.Usage;

/// <summary>A process that has running calls in the table, and a number that grows as long as it lives. No clock is compared with another.</summary>
internal sealed record UsageOwner
{
    public required string Id { get; init; }

    public long Beat { get; init; }
}
