namespace Gateway.Keys;

/// <summary>What a key is worth.</summary>
/// <param name="Caller">Who it is.</param>
/// <param name="Expires">From then on nobody.</param>
internal sealed record KnownKey(Caller Caller, DateTimeOffset? Expires)
{
    public bool IsGoodAt(DateTimeOffset now) => Expires is not { } end || now < end;
}
