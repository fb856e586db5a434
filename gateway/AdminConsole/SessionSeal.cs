using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;

namespace Gateway.AdminConsole;

/// <summary>
/// Makes of a session what only a gateway can read or have made. The key comes from the admin key, so that every replica has it and a
/// new admin key ends all sessions; where there is none, it is this process's own. Thread-safe.
/// </summary>
internal sealed class SessionSeal(LiveSettings settings)
{
    private const int NonceBytes = 12; // 96 random bits: sessions are far too few to repeat one
    private const int TagBytes = 16;
    private const int Rounds = 200_000; // who has a cookie could else try admin keys on it as fast as he likes

    private static readonly byte[] Salt = "gateway console session"u8.ToArray();
    private readonly Derived own = new("", RandomNumberGenerator.GetBytes(32));
    private Derived? derived;

    private sealed record Derived(string From, byte[] Key);

    /// <summary>As text that a cookie may hold.</summary>
    public string Seal(ReadOnlySpan<byte> plain)
    {
        Span<byte> whole = stackalloc byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(whole[..NonceBytes]);
        using var cipher = new AesGcm(Key(), TagBytes);
        cipher.Encrypt(whole[..NonceBytes], plain, whole[NonceBytes..^TagBytes], whole[^TagBytes..], Salt);
        return Base64Url.EncodeToString(whole);
    }

    /// <summary>False where it was not made by this, or not of this length.</summary>
    public bool TryOpen(string text, Span<byte> plain)
    {
        Span<byte> whole = stackalloc byte[NonceBytes + plain.Length + TagBytes];
        if (text.Length != Base64Url.GetEncodedLength(whole.Length) || !Base64Url.TryDecodeFromChars(text, whole, out var length) || length != whole.Length) return false;
        try
        {
            using var cipher = new AesGcm(Key(), TagBytes);
            cipher.Decrypt(whole[..NonceBytes], whole[NonceBytes..^TagBytes], whole[^TagBytes..], plain, Salt);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private byte[] Key()
    {
        if (settings.Current.Options.AdminKey is not { } admin) return own.Key;
        if (Volatile.Read(ref derived) is { } known && known.From == admin) return known.Key;
        var made = new Derived(admin, Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(admin), Salt, Rounds, HashAlgorithmName.SHA256, 32));
        Volatile.Write(ref derived, made);
        return made.Key;
    }
}
