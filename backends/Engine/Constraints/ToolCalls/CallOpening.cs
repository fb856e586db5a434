using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>
/// Finds the beginning of the first call, however the text was cut. White space before it belongs to nothing, and text that may still become
/// the beginning is held back. One owner.
/// </summary>
/// <param name="tag">Opens calls; null where there is none.</param>
/// <param name="heads">They open calls at the start, white space apart.</param>
/// <param name="atStart">Whether the tag, too, opens only there.</param>
public sealed class CallOpening(string? tag, IReadOnlyList<string> heads, bool atStart)
{
    private readonly StringBuilder held = new();
    private bool started; // something was there that opens nothing

    /// <summary>Whether it was found; what came with it is in <see cref="Rest"/>.</summary>
    public bool Found { get; private set; }

    /// <summary>Whether a tag was found, which is not part of <see cref="Rest"/>; without one the rest begins with a head.</summary>
    public bool Tagged { get; private set; }

    /// <summary>What follows.</summary>
    public string Rest { get; private set; } = "";

    /// <summary>Takes more text; returns what is certainly none of a call.</summary>
    public string Append(string text, bool last)
    {
        held.Append(text);
        var all = held.ToString();
        var blank = all.Length - all.AsSpan().TrimStart(" \n\r\t").Length;
        if (!started)
        {
            var first = all[blank..];
            if (heads.Any(head => first.StartsWith(head, StringComparison.Ordinal))) return Open(all, 0, blank, tagged: false);
            if (atStart && tag is not null && first.StartsWith(tag, StringComparison.Ordinal)) return Open(all, 0, blank + tag.Length, tagged: true);
            if (!last && (heads.Any(head => head.StartsWith(first, StringComparison.Ordinal)) || (tag?.StartsWith(first, StringComparison.Ordinal) ?? false))) return "";
            started = first.Length > 0;
        }

        if (tag is not null && !atStart && all.IndexOf(tag, StringComparison.Ordinal) is var at and >= 0) return Open(all, at, at + tag.Length, tagged: true);
        var free = last ? all.Length : Certain(all);
        held.Remove(0, free);
        return all[..free];
    }

    private string Open(string all, int end, int rest, bool tagged)
    {
        (Found, Tagged, Rest) = (true, tagged, all[rest..]);
        held.Clear();
        return all[..end].TrimEnd();
    }

    // The end of a text may become a tag, and white space before a tag is not text.
    private int Certain(string text)
    {
        if (tag is null || atStart) return started ? text.Length : 0;
        var free = text.Length;
        for (var length = Math.Min(tag.Length - 1, text.Length); length > 0; length--)
        {
            if (!tag.AsSpan().StartsWith(text.AsSpan(text.Length - length), StringComparison.Ordinal)) continue;
            free -= length;
            break;
        }

        return text.AsSpan(0, free).TrimEnd().Length;
    }
}
