using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Gateway.Engine.Text;

namespace Gateway.Worker.Generation;

/// <summary>How a token is shown in log-probabilities.</summary>
internal static class TokenNames
{
    /// <summary>JSON has no infinity; −9999 is how the live service says "not possible".</summary>
    public static float Finite(float logProb) => float.IsFinite(logProb) ? Math.Min(0, logProb) : -9999;

    /// <summary>Its text; a token that is part of a character is spelled <c>bytes:\xe2\x80</c>, as the live service does.</summary>
    public static string Name(Tokenizer tokenizer, int id)
    {
        var bytes = tokenizer.TokenBytes(id).Span;
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        var name = new StringBuilder("bytes:");
        foreach (var b in bytes) name.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        return name.ToString();
    }
}
