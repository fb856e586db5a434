using Gateway.Calls;

namespace Gateway.Keys;

/// <summary>Ids of keys in the database.</summary>
internal static class KeyIds
{
    public const string Start = "key_";

    /// <summary>One that sorts by time.</summary>
    public static string New() => Start + Identifiers.New(TimeProvider.System.GetUtcNow()).ToString("N");

    /// <summary>Whether it may be one.</summary>
    public static bool Is(string text) => text.StartsWith(Start, StringComparison.Ordinal) && Guid.TryParseExact(text.AsSpan(Start.Length), "N", out _);
}
