namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// Rules over bytes: each is a small automaton whose edges read a byte, read nothing, or call another rule and go on where it ends. Frozen:
/// every state is reachable and can reach the end of its rule, so that whatever was read so far can be completed. Immutable.
/// </summary>
internal sealed class PushdownAutomaton
{
    private readonly Edge[] edges; // of a state: bytes first
    private readonly int[] first; // index of a state's first edge; one entry more than states
    private readonly StateMarks[] marks;
    private readonly Dictionary<int, Loop> loops;

    public PushdownAutomaton(Edge[] edges, int[] first, StateMarks[] marks, Dictionary<int, Loop> loops, int root)
    {
        (this.edges, this.first, this.marks, this.loops, Root) = (edges, first, marks, loops, root);
        HasKeys = Array.Exists(marks, mark => (mark & StateMarks.ClosesKey) != 0);
        (ClassOf, Classes) = ClassesOf(edges);
    }

    /// <summary>The state in which reading begins.</summary>
    public int Root { get; }

    public int States => marks.Length;

    /// <summary>Whether free keys, which may not repeat, have to be remembered.</summary>
    public bool HasKeys { get; }

    /// <summary>Bytes that no edge tells apart share a class.</summary>
    public byte[] ClassOf { get; }

    public int Classes { get; }

    /// <summary>Roughly what it occupies.</summary>
    public long Bytes => (edges.Length * 12L) + (marks.Length * 5L) + (loops.Count * 40L);

    public ReadOnlySpan<Edge> Edges(int state) => edges.AsSpan(first[state]..first[state + 1]);

    public StateMarks Marks(int state) => marks[state];

    public Loop LoopOf(int state) => loops[state];

    /// <summary>Whether a call that returns here could as well return to the caller's caller.</summary>
    public bool OnlyEnds(int state) => first[state] == first[state + 1] && (marks[state] & (StateMarks.Final | StateMarks.Loop)) == StateMarks.Final;

    private static (byte[] ClassOf, int Count) ClassesOf(Edge[] edges)
    {
        var begins = new bool[257];
        begins[0] = true;
        foreach (var edge in edges)
            if (edge.Kind == EdgeKind.Bytes) begins[edge.Low] = begins[edge.High + 1] = true;
        var classOf = new byte[256];
        var current = -1;
        for (var value = 0; value < 256; value++) classOf[value] = (byte)(begins[value] ? ++current : current);
        return (classOf, current + 1);
    }
}
