using System.Text;

namespace Gateway.Calls;

/// <summary>
/// How a request's <c>Connection</c> is read. The web server knows three of its options, and keeps only that one of a list that has exactly one
/// of them; the rest of the list names headers that end here, so it is read as a list that is left alone and means the same.
/// </summary>
internal sealed class ConnectionHeader : Encoding
{
    private static readonly ConnectionHeader Encoding = new();
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>For a header's name; null for what the web server reads as ever.</summary>
    public static Encoding? EncodingOf(string name) => name.Length == 10 && name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? Encoding : null;

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => Read(bytes.AsSpan(index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var text = Read(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(chars.AsSpan(charIndex));
        return text.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + ", keep-alive".Length;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => Strict.GetByteCount(chars, index, count);

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Strict.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => Strict.GetMaxByteCount(charCount);

    // To close wins over to keep alive, so both may be said; to keep alive is the rule, and nothing here is upgraded, so neither needs to be.
    private static string Read(ReadOnlySpan<byte> bytes)
    {
        var text = Strict.GetString(bytes);
        if (Is(text, "keep-alive")) return text; // HTTP/1.0 needs it
        var options = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var rest = options.Where(static option => !Is(option, "close") && !Is(option, "keep-alive") && !Is(option, "upgrade"));
        return string.Join(", ", options.Any(static option => Is(option, "close")) ? [.. rest, "close", "keep-alive"] : rest);
    }

    private static bool Is(string option, string known) => option.Equals(known, StringComparison.OrdinalIgnoreCase);
}
