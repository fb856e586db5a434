namespace Gateway.Engine.Constraints.Automata;

/// <summary>Properties of states that spread backwards along edges, found in time linear in the grammar.</summary>
internal static class Closure
{
    /// <summary>States from which the end of their rule can be reached.</summary>
    public static bool[] Productive(AutomatonBuilder grammar) => Spread(grammar, bytes: true);

    /// <summary>States from which the end of their rule can be reached without reading anything.</summary>
    public static bool[] Nullable(AutomatonBuilder grammar) => Spread(grammar, bytes: false);

    private static bool[] Spread(AutomatonBuilder grammar, bool bytes)
    {
        var holds = new bool[grammar.States];
        var back = new List<(int State, int Rule)>?[grammar.States]; // who leads here, and which rule must hold as well
        var waiting = new Dictionary<int, List<(int State, int Target)>>(); // first state of a rule → loops and calls that wait for the rule
        var work = new Stack<int>();
        for (var state = 0; state < grammar.States; state++)
        {
            if ((grammar.MarksOf(state) & StateMarks.Final) != 0) Hold(state);
            if (grammar.Loops.TryGetValue(state, out var loop))
            {
                if (loop.Least == 0) Hold(state);
                else Wait(grammar.StartOf(loop.Body), state, -1);
            }

            foreach (var edge in grammar.EdgesOf(state))
            {
                if (edge.Kind == EdgeKind.Bytes && !bytes) continue;
                (back[edge.Target] ??= []).Add((state, edge.Kind == EdgeKind.Call ? edge.Rule : -1));
                if (edge.Kind == EdgeKind.Call) Wait(grammar.StartOf(edge.Rule), state, edge.Target);
            }
        }

        while (work.TryPop(out var state))
        {
            foreach (var (from, rule) in back[state] ?? [])
                if (rule < 0 || holds[grammar.StartOf(rule)]) Hold(from);
            if (!waiting.Remove(state, out var callers)) continue;
            foreach (var (caller, target) in callers)
                if (target < 0 || holds[target]) Hold(caller);
        }

        return holds;

        void Hold(int state)
        {
            if (holds[state]) return;
            holds[state] = true;
            work.Push(state);
        }

        void Wait(int start, int state, int target)
        {
            if (!waiting.TryGetValue(start, out var list)) waiting[start] = list = [];
            list.Add((state, target));
        }
    }
}
