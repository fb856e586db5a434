namespace Gateway.Routing.Balancers;

/// <summary>Draws from fixed weights in constant time: Walker's alias method, its table made as Vose does (1991). Immutable.</summary>
internal sealed class WeightedDraw
{
    private readonly double[] keeps; // the chance that a column is its own target's
    private readonly int[] alias; // whose it is otherwise
    private readonly bool even;

    public WeightedDraw(Target[] targets)
    {
        var total = targets.Sum(static target => target.Weight);
        even = targets.All(target => target.Weight == targets[0].Weight);
        keeps = [.. targets.Select(target => target.Weight / total * targets.Length)];
        alias = [.. Enumerable.Range(0, targets.Length)];
        var (small, large) = (new Stack<int>(), new Stack<int>());
        for (var at = 0; at < keeps.Length; at++) (keeps[at] < 1 ? small : large).Push(at);
        while (small.Count > 0 && large.Count > 0)
        {
            var (less, more) = (small.Pop(), large.Pop());
            alias[less] = more;
            keeps[more] -= 1 - keeps[less];
            (keeps[more] < 1 ? small : large).Push(more);
        }

        // What rounding left over is whole.
        foreach (var at in small.Concat(large)) keeps[at] = 1;
    }

    /// <summary>An index into the targets that it was made of.</summary>
    public int Next(Random chance)
    {
        if (even) return chance.Next(keeps.Length);
        var at = chance.NextDouble() * keeps.Length;
        var column = Math.Min((int)at, keeps.Length - 1);
        return at - column < keeps[column] ? column : alias[column];
    }
}
