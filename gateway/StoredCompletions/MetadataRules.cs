using System.Text.Json;
using Gateway.Errors;

namespace Gateway.StoredCompletions;

/// <summary>The contract's bounds of metadata: 16 pairs of texts, keys to 64 characters, values to 512.</summary>
internal static class MetadataRules
{
    private const int MaxPairs = 16;
    private const int MaxKey = 64;
    private const int MaxValue = 512;

    /// <summary>The pairs, of which a repeated key has the last; none for null.</summary>
    /// <exception cref="ProblemException">It breaks a bound.</exception>
    public static Dictionary<string, string> Read(JsonElement metadata)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (metadata.ValueKind == JsonValueKind.Null) return pairs;
        if (metadata.ValueKind != JsonValueKind.Object) throw new ProblemException(Problems.WrongType("metadata", "an object", Problems.KindOf(metadata)));
        foreach (var entry in metadata.EnumerateObject())
        {
            var key = Text(entry.Name, "metadata", "a key");
            if (key.Length > MaxKey) throw new ProblemException(Problems.Invalid("metadata", $"a key is too long. Expected at most {MaxKey} characters, but got {key.Length} instead."));
            var at = $"metadata.{key}";
            if (entry.Value.ValueKind != JsonValueKind.String) throw new ProblemException(Problems.WrongType(at, "a string", Problems.KindOf(entry.Value)));
            var value = Text(Unescaped(entry.Value, at), at, "the value");
            if (value.Length > MaxValue) throw new ProblemException(Problems.TextTooLong(at, MaxValue, value.Length));
            pairs[key] = value;
        }

        return pairs.Count <= MaxPairs ? pairs : throw new ProblemException(Problems.TooManyProperties("metadata", MaxPairs, pairs.Count));
    }

    // A database of text has no room for it.
    private static string Text(string text, string param, string what) =>
        text.Contains('\0') ? throw new ProblemException(Problems.Invalid(param, $"{what} holds the character U+0000.")) : text;

    private static string Unescaped(JsonElement value, string param)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ProblemException(Problems.Invalid(param, "the value holds half of a surrogate pair."));
        }
    }
}
