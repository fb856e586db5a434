namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// All the ways in which an automaton can have read a text: the tops of its stacks, each about to read a byte. Ambiguity is bounded by
/// dropping ways, never by adding any. One owner.
/// </summary>
/// <param name="automaton">What is being read.</param>
/// <param name="space">Where the stacks live.</param>
/// <param name="memory">Free keys used so far, or null where only the events are wanted.</param>
internal sealed class Threads(PushdownAutomaton automaton, StackSpace space, KeyMemory? memory)
{
    private const int Most = 512;
    private const int MostVisits = 20_000; // in a step; rules that call each other in two ways each could open 2^n

    private int[] tops = new int[8];
    private int[] work = new int[16];
    private int pending;
    private int visits;

    /// <summary>Tops after the last step.</summary>
    public ReadOnlySpan<int> Tops => tops.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Whether some way has reached the end of all it was called for.</summary>
    public bool Ends { get; private set; }

    /// <summary>Whether the last step opened a free key.</summary>
    public bool OpenedKey { get; private set; }

    /// <summary>Whether the last step closed one.</summary>
    public bool ClosedKey { get; private set; }

    /// <summary>Starts from a single entry.</summary>
    public void Start(int node)
    {
        Begin();
        Push(node);
        Run();
    }

    /// <summary>Reads a byte from each of these tops, which must not lie in this object's own memory.</summary>
    public void Step(ReadOnlySpan<int> from, byte value)
    {
        Begin();
        foreach (var top in from)
        {
            var node = space[top];
            foreach (ref readonly var edge in automaton.Edges(node.State))
            {
                if (edge.Kind != EdgeKind.Bytes || edge.Low > value) break;
                if (edge.High < value) continue;
                var keys = node.Keys;
                var mark = automaton.Marks(edge.Target);
                if ((mark & (StateMarks.OpensKey | StateMarks.ClosesKey)) != 0 && !KeyEvent(mark, ref keys)) continue;
                Push(space.Intern(edge.Target, 0, keys, node.Parent));
                Run();
            }
        }
    }

    /// <summary>Puts back what was saved.</summary>
    public void Restore(ReadOnlySpan<int> saved, bool ends)
    {
        if (tops.Length < saved.Length) tops = new int[saved.Length];
        saved.CopyTo(tops);
        (Count, Ends) = (saved.Length, ends);
    }

    private bool KeyEvent(StateMarks mark, ref int keys)
    {
        if ((mark & StateMarks.OpensKey) != 0)
        {
            OpenedKey = true;
            memory?.Open();
            return true;
        }

        ClosedKey = true;
        return memory is null || memory.TryClose(ref keys);
    }

    private void Begin()
    {
        (Count, Ends, OpenedKey, ClosedKey, pending, visits) = (0, false, false, false, 0, 0);
        space.NewEpoch();
    }

    private void Run()
    {
        while (pending > 0)
        {
            var id = work[--pending];
            if (!space.Visit(id)) continue;
            if (++visits > MostVisits)
            {
                pending = 0;
                return;
            }

            var node = space[id];
            var mark = automaton.Marks(node.State);
            if ((mark & StateMarks.Loop) != 0)
            {
                Repeat(node);
                continue;
            }

            // What is pushed last is followed first: ways that end before ways that open more, so that the end is found before the bounds are.
            var reads = false;
            var edges = automaton.Edges(node.State);
            for (var at = edges.Length - 1; at >= 0; at--)
            {
                ref readonly var edge = ref edges[at];
                if (edge.Kind == EdgeKind.Bytes)
                {
                    reads = true;
                    break;
                }

                if (edge.Kind == EdgeKind.Epsilon) Push(space.Intern(edge.Target, 0, node.Keys, node.Parent));
                else Push(space.Intern(edge.Rule, 0, 0, automaton.OnlyEnds(edge.Target) ? node.Parent : space.Intern(edge.Target, 0, node.Keys, node.Parent)));
            }

            if ((mark & StateMarks.Final) != 0) Return(node.Parent);
            if (reads && Count < Most) Add(id);
        }
    }

    private void Repeat(StackNode node)
    {
        var loop = automaton.LoopOf(node.State);
        if (node.Counter < loop.Most)
        {
            var next = loop.Most == int.MaxValue ? Math.Min(node.Counter + 1, loop.Least) : node.Counter + 1;
            var parent = next == loop.Most ? node.Parent : space.Intern(node.State, next, node.Keys, node.Parent);
            Push(space.Intern(loop.Body, 0, 0, parent));
        }

        if (node.Counter >= loop.Least) Return(node.Parent);
    }

    private void Return(int parent)
    {
        if (parent == 0) Ends = true;
        else Push(parent);
    }

    private void Push(int node)
    {
        if (pending == work.Length) Array.Resize(ref work, work.Length * 2);
        work[pending++] = node;
    }

    private void Add(int id)
    {
        if (Count == tops.Length) Array.Resize(ref tops, tops.Length * 2);
        tops[Count++] = id;
    }
}
