namespace Gateway.Keys;

/// <summary>Ids of keys in the database.</summary>
internal static class KeyIds
{
    public const string Start = "key_";

    public static string New() => Start + Guid.CreateVersion7().ToString("N"); // sorts by time
}
