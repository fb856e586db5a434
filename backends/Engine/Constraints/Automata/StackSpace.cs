namespace Gateway.Engine.Constraints.Automata;

/// <summary>One entry of a stack: where a rule stands, and below it who called.</summary>
/// <param name="State">The state, or the state to return to where another entry lies above.</param>
/// <param name="Counter">Bodies of a loop so far; 0 elsewhere.</param>
/// <param name="Keys">The newest of the free keys used so far in this object, 0 for none; meaningful to <see cref="KeyMemory"/>.</param>
/// <param name="Parent">The entry below, 0 for the bottom.</param>
internal readonly record struct StackNode(int State, int Counter, int Keys, int Parent);

/// <summary>Stacks that share their lower parts: equal entries have one id, so that equal stacks are equal numbers. One owner.</summary>
internal sealed class StackSpace
{
    private StackNode[] nodes = new StackNode[64];
    private int[] table = new int[128]; // open addressing; ids, 0 for empty
    private int[] stamps = new int[64];
    private int epoch;

    /// <summary>Entries, the bottom included.</summary>
    public int Count { get; private set; } = 1;

    public StackNode this[int id] => nodes[id];

    public int Intern(int state, int counter, int keys, int parent)
    {
        var node = new StackNode(state, counter, keys, parent);
        var at = Slot(node);
        if (table[at] != 0) return table[at];
        if (Count == nodes.Length) Grow();
        nodes[Count] = node;
        table[Slot(node)] = Count;
        return Count++;
    }

    /// <summary>Forgets everything; memory is kept.</summary>
    public void Clear()
    {
        Count = 1;
        Array.Clear(table);
    }

    public void CopyFrom(StackSpace other)
    {
        (nodes, table, stamps, epoch, Count) = ([.. other.nodes], [.. other.table], new int[other.stamps.Length], 0, other.Count);
    }

    /// <summary>Takes over a stack of another space and returns its id here.</summary>
    public int Adopt(StackSpace other, int id)
    {
        // From the bottom up, without recursion: stacks are as deep as a document is nested.
        var depth = 0;
        for (var at = id; at != 0; at = other.nodes[at].Parent) depth++;
        var path = System.Buffers.ArrayPool<int>.Shared.Rent(depth);
        for (var at = id; at != 0; at = other.nodes[at].Parent) path[--depth] = at;
        var parent = 0;
        for (var i = 0; ; i++)
        {
            var node = other.nodes[path[i]];
            parent = Intern(node.State, node.Counter, node.Keys, parent);
            if (path[i] == id) break;
        }

        System.Buffers.ArrayPool<int>.Shared.Return(path);
        return parent;
    }

    public void NewEpoch() => epoch++;

    /// <summary>Whether this is the first visit since <see cref="NewEpoch"/>.</summary>
    public bool Visit(int id)
    {
        if (stamps[id] == epoch) return false;
        stamps[id] = epoch;
        return true;
    }

    private int Slot(StackNode node)
    {
        var hash = (((((uint)node.State * 0x9E3779B1) ^ (uint)node.Counter) * 0x85EBCA77) ^ (uint)node.Keys) * 0xC2B2AE3D;
        hash = (hash ^ (uint)node.Parent) * 0x27D4EB2F;
        var at = (int)((hash ^ (hash >> 15)) & (uint)(table.Length - 1));
        while (table[at] != 0 && nodes[table[at]] != node) at = (at + 1) & (table.Length - 1);
        return at;
    }

    private void Grow()
    {
        Array.Resize(ref nodes, nodes.Length * 2);
        Array.Resize(ref stamps, nodes.Length);
        table = new int[nodes.Length * 2];
        for (var id = 1; id < Count; id++) table[Slot(nodes[id])] = id;
    }
}
