namespace Gateway.Engine.Text.Vocabulary;

/// <summary>BERT's model: the longest token first, from the left; a word that does not come out even is one unknown.</summary>
internal sealed class WordPieces(Dictionary<string, int> vocabulary, int unknown, string prefix, int maxCharacters) : TokenModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
    private readonly int longest = vocabulary.Keys.Max(token => token.Length);

    public override IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public override void Encode(string piece, List<int> into, IReadOnlySet<int>? banned = null)
    {
        var before = into.Count;
        if (piece.EnumerateRunes().Count() <= maxCharacters && TryEncode(piece, into, banned)) return;
        into.RemoveRange(before, into.Count - before);
        into.Add(unknown);
    }

    private bool TryEncode(string piece, List<int> into, IReadOnlySet<int>? banned = null)
    {
        for (int start = 0, end; start < piece.Length; start = end)
        {
            var text = start == 0 ? piece : prefix + piece[start..];
            var shift = text.Length - piece.Length; // from a place in the piece to one in the text
            var id = -1;
            for (end = Math.Min(piece.Length, longest - shift); end > start; end--)
                if (ids.TryGetValue(text.AsSpan(0, end + shift), out id) && banned?.Contains(id) != true) break;
            if (end <= start) return false;
            into.Add(id);
        }

        return true;
    }
}
