using System.Globalization;
using Gateway.Errors;

namespace Gateway.Admin;

/// <summary>Parameters that lists share.</summary>
internal static class QueryFields
{
    private const int MaxLimit = 100;

    /// <summary>An empty value is what clients send for one that is not set.</summary>
    public static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values[^1] is { Length: > 0 } text
        ? text.Contains('\0') ? throw new ProblemException(Problems.Invalid(name, "it holds the character U+0000.")) : text
        : null;

    /// <summary>What nobody knows would be ignored in silence.</summary>
    public static void Only(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        foreach (var name in query.Keys)
            if (!known.Contains(name)) throw new ProblemException(Problems.UnknownParameter(Problems.Brief(name)));
    }

    /// <summary>Entries of a page.</summary>
    public static int Limit(IQueryCollection query) => (int)(Number("limit", Text(query, "limit"), 1, MaxLimit) ?? 20);

    /// <summary>Newest first, unless the other way is asked for, or is the list's own.</summary>
    public static bool Descending(IQueryCollection query, bool usual = true) => Text(query, "order") switch
    {
        null => usual,
        "desc" => true,
        "asc" => false,
        var other => throw new ProblemException(Problems.NotOneOf("order", Problems.Brief(other), "asc", "desc")),
    };

    /// <summary>A whole number within bounds; null where there is none.</summary>
    public static long? Number(string name, string? text, long least, long most)
    {
        if (text is null) return null;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) throw new ProblemException(Problems.WrongType(name, "an integer", "a string"));
        return number >= least && number <= most ? number : throw new ProblemException(Problems.OutOfRange(name, least, most, number));
    }
}
