namespace Gateway.Worker.Generation;

/// <summary>
/// Decides when text may leave: a stop text is found wherever it begins and ends, and the beginning of a possible one is held back.
/// One owner.
/// </summary>
internal sealed class StopText(IReadOnlyList<string> stops)
{
    private string held = "";

    /// <summary>Whether a stop text was found; nothing more leaves.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes new text and returns what is certain.</summary>
    public string Append(string text)
    {
        if (Stopped) return "";
        if (stops.Count == 0) return text;
        held += text;
        var first = stops.Select(stop => held.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (first >= 0)
        {
            Stopped = true;
            return held[..first];
        }

        var keep = stops.Max(LongestBeginning);
        var certain = held[..^keep];
        held = held[^keep..];
        return certain;
    }

    /// <summary>At the end: what was held back was no stop text.</summary>
    public string Flush()
    {
        var rest = Stopped ? "" : held;
        held = "";
        return rest;
    }

    private int LongestBeginning(string stop)
    {
        for (var length = Math.Min(stop.Length - 1, held.Length); length > 0; length--)
            if (held.EndsWith(stop[..length], StringComparison.Ordinal)) return length;
        return 0;
    }
}
