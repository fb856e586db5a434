namespace Gateway.Keys.Stored;

/// <summary>
/// The one row that numbers changes. Who changes a key takes the next number in the same transaction, and so the row's lock: numbers become
/// visible in their order, and who knows one has seen all before it.
/// </summary>
internal sealed class KeyChanges
{
    public const long TheOne = 1;

    public long Id { get; init; }

    public long Number { get; set; }
}
