namespace Gateway.Engine.Text.Vocabulary;

/// <summary>One token a word, or the unknown token (WordLevel).</summary>
internal sealed class WholeWords(Dictionary<string, int> vocabulary, int unknown) : TokenModel
{
    public override IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public override void Encode(string piece, List<int> into, IReadOnlySet<int>? banned = null) =>
        into.Add(vocabulary.TryGetValue(piece, out var id) && banned?.Contains(id) != true ? id : unknown);
}
