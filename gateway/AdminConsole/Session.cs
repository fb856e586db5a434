using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Gateway.Keys;

namespace Gateway.AdminConsole;

/// <summary>Somebody who signed in. Nothing is kept of it here: the browser has all of it, sealed.</summary>
/// <param name="Id">Random; what it is ended by.</param>
/// <param name="Key">The hash of the key that it began with; null where this machine needed none.</param>
/// <param name="Began">When.</param>
/// <param name="Seen">When it was last renewed.</param>
internal sealed record Session(Guid Id, KeyHash? Key, DateTimeOffset Began, DateTimeOffset Seen)
{
    /// <summary>So long without a request is the end.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    /// <summary>So long after its beginning it ends in any case.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>Used for so long it is sealed anew.</summary>
    public static readonly TimeSpan RenewedAfter = TimeSpan.FromMinutes(5);

    private const byte Version = 1;
    private const int Length = 1 + 16 + 8 + 8 + 1 + KeyHash.Length;

    /// <summary>When it ends if nothing more comes.</summary>
    public DateTimeOffset Ends => Began + Longest is var last && Seen + Idle is var idle && idle < last ? idle : last;

    /// <summary>What a page that may read the session's answers sends with each request: another site cannot know it.</summary>
    public string CrossSiteToken => Base64Url.EncodeToString(HMACSHA256.HashData(Id.ToByteArray(), "x-gateway-csrf"u8));

    public string Seal(SessionSeal seal)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        bytes[0] = Version;
        Id.TryWriteBytes(bytes[1..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[17..], Began.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64LittleEndian(bytes[25..], Seen.ToUnixTimeSeconds());
        bytes[33] = Key is null ? (byte)0 : (byte)1;
        Key?.Write(bytes[34..]);
        return seal.Seal(bytes);
    }

    /// <summary>Null where it is none of ours, or over.</summary>
    public static Session? Open(string text, SessionSeal seal, DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (!seal.TryOpen(text, bytes) || bytes[0] != Version) return null;
        var session = new Session(
            new Guid(bytes[1..17]), bytes[33] == 0 ? null : KeyHash.Read(bytes[34..]),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(bytes[17..])), DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(bytes[25..])));
        return now < session.Ends ? session : null;
    }
}
