using Gateway.Admin;
using Gateway.Errors;

namespace Gateway.StoredCompletions;

/// <summary>What a list is asked for, with the contract's defaults.</summary>
internal sealed record ListQuery(string? After, int Limit, bool Descending, string? Model, IReadOnlyDictionary<string, string> Metadata)
{
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

        return new ListQuery(QueryFields.Text(query, "after"), QueryFields.Limit(query), QueryFields.Descending(query, usual: false), QueryFields.Text(query, "model"), metadata);
    }

    private static string Known(string name) => name is "after" or "limit" or "order" or "model" ? name : "metadata";
}
