using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text.Splitting;

/// <summary>
/// Cuts where the script changes. Spaces and unassigned characters belong to the script before them, Hiragana and Katakana to Han, and
/// what stands before the first character with a script is dropped: all as in the reference.
/// </summary>
internal sealed record ScriptSplit : PreTokenizer
{
    private const byte Any = 0;
    private const int ProlongedSoundMark = 0x30FC; // common to Hiragana and Katakana
    private static readonly Lazy<Table> Scripts = new(Read);

    public override void Split(Piece piece, List<Piece> into)
    {
        var (start, at) = (-1, 0);
        var last = Any;
        foreach (var rune in piece.Text.EnumerateRunes())
        {
            var script = Scripts.Value.Of(rune);
            if (script != Any && script != last)
            {
                if (start >= 0) into.Add(new Piece(piece.Text[start..at], piece.AtStart && start == 0));
                (start, last) = (at, script);
            }

            at += rune.Utf16SequenceLength;
        }

        if (start >= 0) into.Add(new Piece(piece.Text[start..], piece.AtStart && start == 0));
    }

    private static Table Read()
    {
        using var resource = typeof(ScriptSplit).Assembly.GetManifestResourceStream("Scripts.txt")!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        var ranges = new List<(int First, int Last, byte Script)>();
        var (next, han) = ((byte)1, (byte)0);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var words = line.Split(' ');
            var script = words[0] is "Han" or "Hiragana" or "Katakana" && han != 0 ? han : next++;
            if (words[0] == "Han") han = script; // sorted by name: before the other two
            foreach (var range in words.AsSpan(1))
            {
                var dash = range.IndexOf('-', StringComparison.Ordinal);
                var first = int.Parse(dash < 0 ? range : range[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                ranges.Add((first, dash < 0 ? first : int.Parse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture), script));
            }
        }

        ranges.Sort();
        return new Table([.. ranges.Select(range => range.First)], [.. ranges.Select(range => range.Last)], [.. ranges.Select(range => range.Script)], han);
    }

    private sealed record Table(int[] Firsts, int[] Lasts, byte[] Scripts, byte Han)
    {
        public byte Of(Rune rune)
        {
            if (rune.Value == ' ') return Any;
            if (rune.Value == ProlongedSoundMark) return Han;
            var at = Array.BinarySearch(Firsts, rune.Value);
            if (at < 0) at = ~at - 1;
            return at >= 0 && rune.Value <= Lasts[at] ? Scripts[at] : Any;
        }
    }
}
