namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// Collects rules, states and edges; <see cref="Freeze"/> makes the automaton. Sizes are bounded, since grammars come from strangers.
/// </summary>
internal sealed class AutomatonBuilder
{
    public const int MostStates = 400_000;
    public const int MostEdges = 1_600_000;

    private readonly List<(Edge Edge, int Next)> edges = [];
    private readonly List<int> newest = []; // a state's latest edge, −1 for none
    private readonly List<StateMarks> marks = [];
    private readonly List<int> starts = []; // of rules; −1 until defined
    private readonly Dictionary<int, Loop> loops = [];

    public int States => marks.Count;

    public int Rules => starts.Count;

    public IReadOnlyDictionary<int, Loop> Loops => loops;

    /// <summary>A rule to be defined later, so that rules may call each other.</summary>
    public int DeclareRule()
    {
        starts.Add(-1);
        return starts.Count - 1;
    }

    public void DefineRule(int rule, int start) => starts[rule] = start;

    public int Rule(int start)
    {
        starts.Add(start);
        return starts.Count - 1;
    }

    public int StartOf(int rule) => starts[rule];

    public int State(StateMarks mark = StateMarks.None)
    {
        if (marks.Count == MostStates) throw new GrammarException($"The grammar is too large: it needs more than {MostStates:N0} states.");
        marks.Add(mark);
        newest.Add(-1);
        return marks.Count - 1;
    }

    public StateMarks MarksOf(int state) => marks[state];

    public void Mark(int state, StateMarks mark) => marks[state] |= mark;

    public void Bytes(int from, byte low, byte high, int to) => Add(from, new Edge(EdgeKind.Bytes, low, high, to, -1));

    public void Byte(int from, byte value, int to) => Bytes(from, value, value, to);

    public void Epsilon(int from, int to) => Add(from, new Edge(EdgeKind.Epsilon, 0, 0, to, -1));

    public void Call(int from, int rule, int to) => Add(from, new Edge(EdgeKind.Call, 0, 0, to, rule));

    /// <summary>A chain that reads these bytes; returns its last state.</summary>
    public int Literal(int from, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            var next = State();
            Byte(from, value, next);
            from = next;
        }

        return from;
    }

    /// <summary>A rule that calls <paramref name="body"/> between two bounds.</summary>
    public int LoopRule(int body, int least, int most)
    {
        var state = State(StateMarks.Loop);
        loops[state] = new Loop(body, least, most);
        return Rule(state);
    }

    public void Relimit(int state, Loop loop) => loops[state] = loop;

    /// <summary>Copies a whole automaton; returns the rule that matches what it matches.</summary>
    public int Import(PushdownAutomaton automaton)
    {
        var first = marks.Count;
        var rules = new Dictionary<int, int>();
        for (var state = 0; state < automaton.States; state++) State(automaton.Marks(state));
        for (var state = 0; state < automaton.States; state++)
        {
            if ((automaton.Marks(state) & StateMarks.Loop) != 0)
            {
                var loop = automaton.LoopOf(state);
                // A body that is called no times at all has no rule any more.
                if (loop.Most > 0) loops[first + state] = loop with { Body = RuleOf(loop.Body) };
                else marks[first + state] = StateMarks.Final;
            }

            foreach (var edge in automaton.Edges(state))
                Add(first + state, edge with { Target = first + edge.Target, Rule = edge.Kind == EdgeKind.Call ? RuleOf(edge.Rule) : -1 });
        }

        return RuleOf(automaton.Root);

        int RuleOf(int start) => rules.TryGetValue(start, out var rule) ? rule : rules[start] = Rule(first + start);
    }

    public IEnumerable<Edge> EdgesOf(int state)
    {
        for (var at = newest[state]; at >= 0; at = edges[at].Next) yield return edges[at].Edge;
    }

    /// <summary>The automaton of all that <paramref name="root"/> matches, or null when that is nothing.</summary>
    public PushdownAutomaton? Freeze(int root)
    {
        var productive = Closure.Productive(this);
        if (!productive[starts[root]]) return null;
        LeftRecursion.Rewrite(this, productive);
        if (productive.Length < States) productive = Closure.Productive(this);
        var nullable = Closure.Nullable(this);

        // Numbered in the order in which they are met, so that neighbours in the grammar are neighbours in memory.
        var number = new Dictionary<int, int>();
        var order = new List<int>();
        Meet(starts[root]);
        var kept = new List<Edge>();
        var first = new List<int> { 0 };
        var keptLoops = new Dictionary<int, Loop>();
        for (var at = 0; at < order.Count; at++)
        {
            var state = order[at];
            if (loops.TryGetValue(state, out var loop))
                keptLoops[at] = productive[starts[loop.Body]] ? loop with { Body = Meet(starts[loop.Body]) } : new Loop(0, 0, 0);
            var start = kept.Count;
            foreach (var edge in EdgesOf(state))
            {
                if (!productive[edge.Target] || (edge.Kind == EdgeKind.Call && !productive[starts[edge.Rule]])) continue;
                kept.Add(edge with { Target = Meet(edge.Target), Rule = edge.Kind == EdgeKind.Call ? Meet(starts[edge.Rule]) : -1 });
                // What may be empty can be passed by, without a look into it.
                if (edge.Kind == EdgeKind.Call && nullable[starts[edge.Rule]]) kept.Add(new Edge(EdgeKind.Epsilon, 0, 0, Meet(edge.Target), -1));
            }

            kept.Sort(start, kept.Count - start, Comparer<Edge>.Create(static (a, b) => a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Low.CompareTo(b.Low)));
            first.Add(kept.Count);
        }

        return new PushdownAutomaton([.. kept], [.. first], [.. order.Select(state => marks[state])], keptLoops, 0);

        int Meet(int state)
        {
            if (number.TryGetValue(state, out var known)) return known;
            order.Add(state);
            return number[state] = order.Count - 1;
        }
    }

    private void Add(int from, Edge edge)
    {
        if (edges.Count == MostEdges) throw new GrammarException($"The grammar is too large: it needs more than {MostEdges:N0} edges.");
        edges.Add((edge, newest[from]));
        newest[from] = edges.Count - 1;
    }
}
