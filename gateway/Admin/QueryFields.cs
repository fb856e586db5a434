using System.Globalization;
using Gateway.Errors;

namespace Gateway.Admin;

/// <summary>Parameters that the lists of the admin API share.</summary>
internal static class QueryFields
{
    private const int MaxLimit = 100;

    /// <summary>An empty value is what clients send for one that is not set.</summary>
    public static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values[^1] is { Length: > 0 } text
        ? text.Contains('\0') ? throw new ProblemException(Problems.Invalid(name, "it holds the character U+0000.")) : text
        : null;

    /// <summary>Entries of a page.</summary>
    public static int Limit(IQueryCollection query)
    {
        if (Text(query, "limit") is not { } text) return 20;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)) throw new ProblemException(Problems.WrongType("limit", "an integer", "a string"));
        return limit is >= 1 and <= MaxLimit ? (int)limit : throw new ProblemException(Problems.OutOfRange("limit", 1, MaxLimit, limit));
    }

    /// <summary>Newest first, unless the other way is asked for.</summary>
    public static bool Descending(IQueryCollection query) => Text(query, "order") switch
    {
        null or "desc" => true,
        "asc" => false,
        var other => throw new ProblemException(Problems.NotOneOf("order", other.Length <= 80 ? other : other[..80] + "…", "asc", "desc")),
    };
}
