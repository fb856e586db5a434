using System.Text;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>Characters that differ in case alone, one for one.</summary>
internal static class CaseFolding
{
    private static readonly Lazy<(int From, int To)[]> Pairs = new(static () => [.. Find()]);

    /// <summary>The ranges and all that equals one of their characters but for case.</summary>
    public static List<CodeRange> Close(IEnumerable<CodeRange> ranges)
    {
        var normal = CodeRanges.Normal(ranges);
        var all = new List<CodeRange>(normal);
        foreach (var (from, to) in Pairs.Value)
            if (CodeRanges.Contain(normal, from)) all.Add(new CodeRange(to, to));
        return CodeRanges.Normal(all);
    }

    private static IEnumerable<(int From, int To)> Find()
    {
        var alike = new Dictionary<int, List<int>>(); // lower case → all that have it
        for (var point = 0; point <= CharacterWriter.Last; point++)
        {
            if (!Rune.IsValid(point)) continue;
            var rune = new Rune(point);
            // By way of upper case, so that the forms of sigma meet.
            var folded = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            if (folded == point && Rune.ToUpperInvariant(rune).Value == point) continue;
            if (!alike.TryGetValue(folded, out var list)) alike[folded] = list = [];
            list.Add(point);
        }

        return alike.Values.SelectMany(static list => list.SelectMany(from => list.Where(to => to != from).Select(to => (from, to))));
    }
}
