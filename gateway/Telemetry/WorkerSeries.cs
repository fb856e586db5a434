using System.Text;

namespace Gateway.Telemetry;

/// <summary>The series of several workers as one text: those of a name stand together below its description, as the format asks for.</summary>
internal static class WorkerSeries
{
    private const string Help = "# HELP ";
    private const string Type = "# TYPE ";

    /// <summary>Of texts in Prometheus' format, each with its descriptions before its series.</summary>
    public static string Together(IReadOnlyList<string> texts)
    {
        if (texts.Count == 1) return texts[0];
        var names = new List<string>();
        var parts = new Dictionary<string, (StringBuilder Head, StringBuilder Series)>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var known = parts.Keys.ToHashSet(StringComparer.Ordinal); // described by a worker before
            var at = "";
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                if (line.IsEmpty) continue;
                var described = line.StartsWith(Help, StringComparison.Ordinal) || line.StartsWith(Type, StringComparison.Ordinal);
                if (described) at = line[Help.Length..].ToString().Split(' ')[0];
                if (!parts.TryGetValue(at, out var part))
                {
                    parts[at] = part = (new StringBuilder(), new StringBuilder());
                    names.Add(at);
                }

                if (!described) part.Series.Append(line).Append('\n');
                else if (!known.Contains(at)) part.Head.Append(line).Append('\n');
            }
        }

        return string.Concat(names.Select(name => $"{parts[name].Head}{parts[name].Series}"));
    }
}
