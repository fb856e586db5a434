using System.Text;

namespace Gateway.Worker.Generation;

/// <summary>
/// Finds the first stop string to be complete, wherever tokens and chunks cut it, and holds back text that may still become one. The result
/// does not depend on how the text was cut. One pass of Knuth, Morris and Pratt for each stop string: linear, however long they are.
/// </summary>
internal sealed class StopStrings
{
    private readonly string[] stops;
    private readonly int[][] borders;
    private readonly int[] matched;
    private readonly StringBuilder held = new();

    public StopStrings(IReadOnlyList<string> stops)
    {
        this.stops = [.. stops];
        borders = [.. this.stops.Select(Borders)];
        matched = new int[this.stops.Length];
    }

    /// <summary>Takes more text, returns what may leave. After <paramref name="stopped"/> nothing more is taken.</summary>
    public string Append(string text, out bool stopped)
    {
        stopped = false;
        if (stops.Length == 0) return text;
        foreach (var c in text)
        {
            held.Append(c);
            var longest = 0;
            for (var i = 0; i < stops.Length; i++)
            {
                if (Advance(i, c)) longest = Math.Max(longest, stops[i].Length);
            }

            if (longest == 0) continue;
            stopped = true;
            var before = held.ToString(0, held.Length - longest);
            held.Clear();
            return before;
        }

        var free = held.ToString(0, held.Length - matched.Max());
        held.Remove(0, free.Length);
        return free;
    }

    /// <summary>The text is over: what was held is text after all.</summary>
    public string Flush()
    {
        var rest = held.ToString();
        held.Clear();
        return rest;
    }

    private bool Advance(int stop, char c)
    {
        var at = matched[stop];
        while (at > 0 && stops[stop][at] != c) at = borders[stop][at - 1];
        if (stops[stop][at] == c) at++;
        matched[stop] = at;
        return at == stops[stop].Length;
    }

    // borders[i]: length of the longest proper prefix that is also a suffix of the first i + 1 characters.
    private static int[] Borders(string stop)
    {
        var borders = new int[stop.Length];
        for (var (i, length) = (1, 0); i < stop.Length; i++)
        {
            while (length > 0 && stop[i] != stop[length]) length = borders[length - 1];
            if (stop[i] == stop[length]) length++;
            borders[i] = length;
        }

        return borders;
    }
}
