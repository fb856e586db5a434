using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Pulling;

/// <summary>What a file's bytes hash to: SHA-256 for large files (LFS), git's SHA-1 of a blob for those that git holds itself.</summary>
/// <param name="Hex">Lower case; its length tells the kind.</param>
internal readonly record struct Digest(string Hex)
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private const int ReadBytes = 1 << 20;

    private bool IsSha256 => Hex.Length == 64;

    /// <summary>Reads an object id or an entity tag, in quotes or not, weak or not; null where it is no hash.</summary>
    public static Digest? From(string? text)
    {
        var hex = text.AsSpan().Trim();
        if (hex.StartsWith("W/", StringComparison.Ordinal)) hex = hex[2..];
        if (hex.StartsWith("sha256:", StringComparison.Ordinal)) hex = hex[7..];
        hex = hex.Trim('"');
        return hex.Length is 40 or 64 && !hex.ContainsAnyExcept(HexDigits) ? new Digest(hex.ToString()) : null;
    }

    /// <summary>Hashes a whole file in the way that this digest was made.</summary>
    public async Task<Digest> OfAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        using var hash = IncrementalHash.CreateHash(IsSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (!IsSha256) hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        var buffer = new byte[ReadBytes];
        int read;
        while ((read = await file.ReadAsync(buffer, cancellation)) > 0) hash.AppendData(buffer, 0, read);
        return new Digest(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
