using Gateway.Admin;
using Gateway.Errors;

namespace Gateway.Usage.Reading;

/// <summary>Parameters of a query. An empty one is what clients send for what is not set; the last of several counts.</summary>
internal static class QueryText
{
    public static string? Text(IQueryCollection query, string name) => Values(query, name) is [.., var last] ? last : null;

    /// <summary>As <c>name=a&amp;name=b</c>, or with <c>[]</c> after the name.</summary>
    public static List<string> Values(IQueryCollection query, string name)
    {
        var values = query[name].Concat(query[name + "[]"]).Where(static value => !string.IsNullOrEmpty(value)).Select(static value => value!).ToList();
        return values.Exists(static value => value.Contains('\0')) ? throw new ProblemException(Problems.Invalid(name, "it holds the character U+0000.")) : values;
    }

    public static List<string> OneOf(IQueryCollection query, string name, params ReadOnlySpan<string> known)
    {
        var values = Values(query, name);
        foreach (var value in values)
            if (!known.Contains(value)) throw new ProblemException(Problems.NotOneOf(name, Problems.Brief(value), known));
        return [.. values.Distinct(StringComparer.Ordinal)];
    }

    public static long? Number(IQueryCollection query, string name, long least, long most) => QueryFields.Number(name, Text(query, name), least, most);

    /// <summary>Unix seconds, until the year 3000 or so.</summary>
    public static long? Time(IQueryCollection query, string name) => Number(query, name, 0, 32_503_680_000);

    /// <summary>What nobody knows would be ignored in silence.</summary>
    public static void Only(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        foreach (var name in query.Keys)
            if (!known.Contains(name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2] : name)) throw new ProblemException(Problems.UnknownParameter(Problems.Brief(name)));
    }
}
