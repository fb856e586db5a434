using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Writes free text that a mark must not be part of, or must not stand at the start of.</summary>
internal sealed class TextWriter(AutomatonBuilder builder)
{
    private const StateMarks Text = StateMarks.Final | StateMarks.Free;

    /// <summary>Any text up to the first <paramref name="mark"/>; returns the state after it.</summary>
    public int UpTo(int from, string mark, StateMarks marks = StateMarks.Free)
    {
        var after = builder.State();
        Write(from, Encoding.UTF8.GetBytes(mark), [], marks, _ => after);
        return after;
    }

    /// <summary>Any text without a tag in it and without a head at its start, which white space may come before.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="tag">Null where there is none.</param>
    /// <param name="heads">They open at the start.</param>
    /// <param name="opened">Where one that was read leads, the tag by null; a negative state refuses it.</param>
    public void Without(int from, string? tag, IReadOnlyList<string> heads, Func<string?, int> opened) =>
        Write(from, Encoding.UTF8.GetBytes(tag ?? ""), heads, Text, opened);

    // A state stands for how much of the tag the text ends with (Knuth, Morris and Pratt), and for where in the heads the text still is.
    private void Write(int from, byte[] tag, IReadOnlyList<string> heads, StateMarks marks, Func<string?, int> opened)
    {
        byte[][] starts = [.. heads.Select(Encoding.UTF8.GetBytes)];
        var known = new Dictionary<(int Matched, string Start), int>();
        var work = new Queue<(int Matched, string Start)>();
        builder.Epsilon(from, StateOf((0, starts.Length > 0 ? "" : Left)));
        while (work.TryDequeue(out var at))
        {
            var state = known[at];
            int run = 0, to = Next(at, 0);
            for (var value = 1; value <= 256; value++)
            {
                var next = value == 256 ? int.MinValue : Next(at, (byte)value);
                if (next == to) continue;
                if (to >= 0) builder.Bytes(state, (byte)run, (byte)(value - 1), to);
                (run, to) = (value, next);
            }
        }

        int Next((int Matched, string Start) at, byte value)
        {
            var matched = tag.Length == 0 ? 0 : Longest(tag, at.Matched, value);
            if (tag.Length > 0 && matched == tag.Length) return opened(null);
            var start = at.Start;
            if (start != Left)
            {
                // Latin-1 keeps bytes as they are.
                var read = start.Length == 0 && value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' ? "" : start + (char)value;
                var bytes = Encoding.Latin1.GetBytes(read);
                if (read.Length > 0 && Array.FindIndex(starts, head => bytes.AsSpan().SequenceEqual(head)) is var whole and >= 0) return opened(heads[whole]);
                start = Array.Exists(starts, head => head.AsSpan().StartsWith(bytes)) ? read : Left;
            }

            return StateOf((matched, start));
        }

        int StateOf((int Matched, string Start) key)
        {
            if (known.TryGetValue(key, out var state)) return state;
            work.Enqueue(key);
            return known[key] = builder.State(marks);
        }
    }

    private const string Left = "\uFFFF"; // the heads are behind

    private static int Longest(byte[] tag, int matched, byte value)
    {
        byte[] read = [.. tag.AsSpan(0, matched), value];
        for (var length = read.Length; length > 0; length--)
            if (read.AsSpan(read.Length - length).SequenceEqual(tag.AsSpan(0, length))) return length;
        return 0;
    }
}
