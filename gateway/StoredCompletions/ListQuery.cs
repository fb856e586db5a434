using System.Globalization;
using Gateway.Errors;

namespace Gateway.StoredCompletions;

/// <summary>What a list is asked for, with the contract's defaults.</summary>
internal sealed record ListQuery(string? After, int Limit, bool Descending, string? Model, IReadOnlyDictionary<string, string> Metadata)
{
    private const int MaxLimit = 100;

    /// <exception cref="ProblemException">A value is not one that the contract knows.</exception>
    public static ListQuery Read(IQueryCollection query)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in query)
        {
            if (value.ToString().Contains('\0') || name.Contains('\0')) throw new ProblemException(Problems.Invalid(Known(name), "it holds the character U+0000."));
            if (name.StartsWith("metadata[", StringComparison.Ordinal) && name.EndsWith(']')) metadata[name["metadata[".Length..^1]] = value[^1] ?? "";
            else if (name == "metadata") throw new ProblemException(Problems.Invalid("metadata", "write metadata[KEY]=VALUE."));
        }

        return new ListQuery(Text(query, "after"), ReadLimit(query), ReadOrder(query), Text(query, "model"), metadata);
    }

    private static int ReadLimit(IQueryCollection query)
    {
        if (Text(query, "limit") is not { } text) return 20;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)) throw new ProblemException(Problems.WrongType("limit", "an integer", "a string"));
        return limit is >= 1 and <= MaxLimit ? (int)limit : throw new ProblemException(Problems.OutOfRange("limit", 1, MaxLimit, limit));
    }

    private static bool ReadOrder(IQueryCollection query) => Text(query, "order") switch
    {
        null or "asc" => false,
        "desc" => true,
        var other => throw new ProblemException(Problems.NotOneOf("order", other.Length <= 80 ? other : other[..80] + "…", "asc", "desc")),
    };

    // An empty value is what clients send for one that is not set.
    private static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values[^1] is { Length: > 0 } text ? text : null;

    private static string Known(string name) => name is "after" or "limit" or "order" or "model" ? name : "metadata";
}
