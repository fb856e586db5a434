using Gateway.Admin;
using Gateway.Errors;

namespace Gateway.Keys.Stored;

/// <summary>What a list of keys is asked for.</summary>
internal sealed record KeyQuery(string? After, int Limit, bool Descending, string? Team, string? Name)
{
    /// <exception cref="ProblemException">A parameter is not what it may be.</exception>
    public static KeyQuery Read(IQueryCollection query)
    {
        QueryFields.Only(query, "after", "limit", "order", "team", "name");
        var after = QueryFields.Text(query, "after");
        if (after is not null && !KeyIds.Is(after)) throw new ProblemException(Problems.NoSuchEntry(Problems.Brief(after))); // an id knows its time, so it may be deleted meanwhile
        return new KeyQuery(after, QueryFields.Limit(query), QueryFields.Descending(query), QueryFields.Text(query, "team"), QueryFields.Text(query, "name"));
    }
}
