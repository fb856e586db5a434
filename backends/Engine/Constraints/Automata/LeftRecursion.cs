namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// A rule that calls itself before it has read anything would push for ever. Its callers rewrite the direct kind; the rest is refused here,
/// as are counted bodies that may be empty, which would count without reading.
/// </summary>
internal static class LeftRecursion
{
    public static void Refuse(AutomatonBuilder grammar, int root, bool[] nullable, bool[] productive)
    {
        var color = new Dictionary<int, bool>(); // first state of a rule → whether it is done
        var path = new Stack<(int Start, Queue<int> Calls)>();
        for (var rule = -1; rule < grammar.Rules; rule++)
        {
            var start = grammar.StartOf(rule < 0 ? root : rule);
            if (start < 0 || !productive[start]) continue;
            Visit(start);
        }

        foreach (var (state, loop) in grammar.Loops)
            if (productive[state] && nullable[grammar.StartOf(loop.Body)])
                throw new GrammarException("Something that may be empty is repeated a bounded number of times.");

        void Visit(int from)
        {
            if (!Open(from)) return;
            while (path.TryPeek(out var top))
            {
                if (!top.Calls.TryDequeue(out var next))
                {
                    color[top.Start] = true;
                    path.Pop();
                }
                else if (!Open(next) && !color[next])
                {
                    throw new GrammarException("A rule calls itself before it has read anything (left recursion).");
                }
            }
        }

        bool Open(int start)
        {
            if (!color.TryAdd(start, false)) return false;
            path.Push((start, FirstCalls(grammar, start, nullable, productive)));
            return true;
        }
    }

    /// <summary>First states of the rules that may be called before anything is read.</summary>
    private static Queue<int> FirstCalls(AutomatonBuilder grammar, int start, bool[] nullable, bool[] productive)
    {
        var calls = new HashSet<int>();
        var seen = new HashSet<int> { start };
        var work = new Stack<int>([start]);
        while (work.TryPop(out var state))
        {
            if (grammar.Loops.TryGetValue(state, out var loop)) calls.Add(grammar.StartOf(loop.Body));
            foreach (var edge in grammar.EdgesOf(state))
            {
                if (edge.Kind == EdgeKind.Bytes) continue;
                if (edge.Kind == EdgeKind.Call)
                {
                    var called = grammar.StartOf(edge.Rule);
                    if (productive[called]) calls.Add(called);
                    if (!nullable[called]) continue;
                }

                if (seen.Add(edge.Target)) work.Push(edge.Target);
            }
        }

        return new Queue<int>(calls.Where(called => productive[called]));
    }
}
