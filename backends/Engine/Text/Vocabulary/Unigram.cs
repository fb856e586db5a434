using System.Text;

namespace Gateway.Engine.Text.Vocabulary;

/// <summary>
/// The cut of highest summed score (Kudo, 2018), found by Viterbi; unknown runs are fused, and of equal cuts the one found first is kept.
/// Scores are summed in double, as in the reference.
/// </summary>
internal sealed class Unigram : TokenModel
{
    private const double UnknownPenalty = 10; // below the worst piece
    private readonly Dictionary<string, int> vocabulary;
    private readonly PrefixTree pieces = new();
    private readonly double[] scores;
    private readonly int unknown;
    private readonly double unknownScore;
    private readonly int[]? byteIds;

    /// <param name="vocabulary">Ids by text.</param>
    /// <param name="scores">Logarithms of probabilities by id.</param>
    /// <param name="unknown">The unknown token's id, or −1 where unknown text vanishes.</param>
    /// <param name="byteFallback">Whether unknown text is written in byte tokens where there are such.</param>
    public Unigram(Dictionary<string, int> vocabulary, double[] scores, int unknown, bool byteFallback)
    {
        (this.vocabulary, this.scores, this.unknown) = (vocabulary, scores, unknown);
        unknownScore = scores.Min() - UnknownPenalty;
        if (byteFallback) byteIds = [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];
        foreach (var (text, id) in vocabulary)
            if (text.Length > 0) pieces.Add(text, id);
    }

    public override IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public override void Encode(string piece, List<int> into, IReadOnlySet<int>? banned = null)
    {
        var best = Forward(piece, banned);
        var path = new List<(int From, int To, int Id)>();
        for (var end = piece.Length; end > 0; end = best[end].From)
        {
            var (from, id, _) = best[end];
            if (id == unknown && path.Count > 0 && path[^1].Id == unknown) path[^1] = (from, path[^1].To, id);
            else path.Add((from, end, id));
        }

        for (var i = path.Count - 1; i >= 0; i--) Add(piece[path[i].From..path[i].To], path[i].Id, into, banned);
    }

    /// <summary>For each place the best way to get there.</summary>
    private (int From, int Id, double Score)[] Forward(string piece, IReadOnlySet<int>? banned)
    {
        var best = new (int From, int Id, double Score)[piece.Length + 1];
        Array.Fill(best, (-1, -1, 0));
        best[0] = (0, -1, 0);
        for (int at = 0, width; at < piece.Length; at += width)
        {
            width = Rune.GetRuneAt(piece, at).Utf16SequenceLength;
            var single = false;
            for (int i = at, node = 0; i < piece.Length; i++)
            {
                node = pieces.Step(node, piece[i]);
                if (node < 0) break;
                var id = pieces.Value(node);
                if (id < 0 || banned?.Contains(id) == true) continue;
                single |= i + 1 - at == width;
                Improve(ref best[i + 1], at, id, best[at].Score + scores[id]);
            }

            if (!single) Improve(ref best[at + width], at, unknown, best[at].Score + unknownScore);
        }

        return best;
    }

    private static void Improve(ref (int From, int Id, double Score) place, int from, int id, double score)
    {
        if (place.From < 0 || score > place.Score) place = (from, id, score);
    }

    private void Add(string text, int id, List<int> into, IReadOnlySet<int>? banned)
    {
        // Fused unknown characters may by chance be a token, such as a control piece without a score of its own.
        if (id == unknown && vocabulary.TryGetValue(text, out var whole) && banned?.Contains(whole) != true) id = whole;
        else if (id == unknown && byteIds is not null && Encoding.UTF8.GetBytes(text) is var bytes && bytes.All(b => byteIds[b] >= 0))
        {
            into.AddRange(bytes.Select(b => byteIds[b]));
            return;
        }

        if (id >= 0) into.Add(id);
    }
}
