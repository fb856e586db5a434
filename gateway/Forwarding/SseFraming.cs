namespace Gateway.Forwarding;

/// <summary>Where events of a stream end. Lines end in LF, CR LF or CR, and an event in an empty line.</summary>
internal static class SseFraming
{
    /// <summary>The length of the first event with all that ends it, or 0 where it is not whole yet.</summary>
    /// <param name="text">From the event's beginning.</param>
    /// <param name="known">How much of it was looked at before, without finding an end.</param>
    public static int Next(ReadOnlySpan<byte> text, int known = 0)
    {
        var from = Math.Max(0, known - 3); // an end may have been cut
        var end = text[from..].IndexOf("\n\n"u8);
        var fast = end < 0 ? text[from..] : text.Slice(from, end);
        if (fast.IndexOf((byte)'\r') < 0) return end < 0 ? 0 : from + end + 2;
        var empty = true; // whether nothing stands in this line yet
        if (from > 0) empty = text[from - 1] is (byte)'\n' or (byte)'\r';
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] is not ((byte)'\n' or (byte)'\r'))
            {
                empty = false;
                continue;
            }

            if (text[at] == '\r')
            {
                if (at + 1 == text.Length) return 0; // the LF may be on its way
                if (text[at + 1] == '\n') at++;
            }

            if (empty) return at + 1;
            empty = true;
        }

        return 0;
    }
}
