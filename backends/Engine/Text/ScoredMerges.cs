namespace Gateway.Engine.Text;

/// <summary>The merge list hidden in a SentencePiece BPE vocabulary: every way to make a token of two others, best score first.</summary>
public static class ScoredMerges
{
    /// <param name="tokens">Texts by id.</param>
    /// <param name="scores">Scores by id; higher is joined earlier.</param>
    /// <param name="takesPart">Whether an id is an ordinary piece (control and byte tokens are not).</param>
    public static IEnumerable<(string Left, string Right)> Derive(IReadOnlyList<string> tokens, IReadOnlyList<double> scores, Func<int, bool> takesPart)
    {
        var ids = new Dictionary<string, int>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
            if (takesPart(i)) ids.TryAdd(tokens[i], i);

        var merges = new List<(double Score, int Left, int Right)>();
        foreach (var (text, id) in ids)
        {
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (char.IsLowSurrogate(text[cut])) continue;
                if (ids.TryGetValue(text[..cut], out var left) && ids.TryGetValue(text[cut..], out var right)) merges.Add((scores[id], left, right));
            }
        }

        return merges.OrderByDescending(merge => merge.Score).ThenBy(merge => merge.Left).ThenBy(merge => merge.Right).Select(merge => (tokens[merge.Left], tokens[merge.Right]));
    }
}
