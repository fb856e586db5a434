namespace Gateway.Configuration;

/// <summary>What somebody meant who wrote a name a little wrong.</summary>
internal static class NearestName
{
    private const int Most = 2;

    /// <summary>The known name that is at most two letters away; null where none is.</summary>
    public static string? Of(string written, IEnumerable<string> known)
    {
        var (name, distance) = known.Select(name => (name, Distance: Distance(written, name))).MinBy(static entry => entry.Distance);
        return distance <= Most ? name : null;
    }

    // Levenshtein's, in any case.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < b.Length; j++)
            {
                var changed = diagonal + (char.ToUpperInvariant(a[i]) == char.ToUpperInvariant(b[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
