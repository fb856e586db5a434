using System.Security.Cryptography;
using System.Text.Json;

namespace Gateway.Worker.Requests;

/// <summary>Padding that hides from who sees only sizes how long a chunk's text is. Not drawn from any sequence's chance.</summary>
internal static class Obfuscation
{
    private const int Step = 32; // bytes to which a chunk is filled up
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Writes the field last, so that it fills the chunk up to a whole number of steps.</summary>
    public static void Write(Utf8JsonWriter json)
    {
        var written = json.BytesCommitted + json.BytesPending;
        json.WriteString("obfuscation"u8, RandomNumberGenerator.GetString(Letters, 1 + (int)(Step - (written % Step))));
    }
}
