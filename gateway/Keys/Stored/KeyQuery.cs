using Gateway.Admin;

namespace Gateway.Keys.Stored;

/// <summary>What a list of keys is asked for.</summary>
internal sealed record KeyQuery(string? After, int Limit, bool Descending, string? Team, string? Name)
{
    /// <exception cref="Errors.ProblemException">A parameter is not what it may be.</exception>
    public static KeyQuery Read(IQueryCollection query) => new(QueryFields.Text(query, "after"), QueryFields.Limit(query), QueryFields.Descending(query), QueryFields.Text(query, "team"), QueryFields.Text(query, "name"));
}
