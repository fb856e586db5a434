using System.Security.Cryptography;

namespace Gateway.Keys;

/// <summary>Makes keys: <c>sk-</c> and 43 letters and digits, which are 256 random bits.</summary>
internal static class NewSecret
{
    private const string Start = "sk-";
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43;
    private const int Shown = 8;

    public static string Make() => Start + RandomNumberGenerator.GetString(Characters, Length);

    /// <summary>What people know it by: eight of its characters, which leave 208 bits.</summary>
    public static string PrefixOf(string secret) => secret[..(Start.Length + Shown)] + "…";
}
