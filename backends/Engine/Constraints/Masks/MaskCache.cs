using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Masks;

/// <summary>
/// Masks of one grammar over one vocabulary, found once and kept. A mask is a union along the stack: the top entry allows the tokens that it
/// can read to their end, and names the places in the vocabulary's tree at which a token had left it; the entry below goes on from those
/// places, and so on. Each part depends on an entry's state, on its counter as far as a token can reach, and on the places, so the parts
/// are few whatever the depth of the stack (the idea is XGrammar's; Dong et al., 2024). Thread-safe.
/// </summary>
internal sealed class MaskCache
{
    private const long MostBytes = 64L << 20;

    private readonly PushdownAutomaton automaton;
    private readonly TokenTrie trie;
    private readonly WalkConfigs configs;
    private readonly Lock walking = new();
    private readonly int[] path; // configurations along the way to a node
    private readonly ulong[] scratch;
    private readonly Dictionary<(int Places, int State, int Counter), MaskPart> parts = [];
    private readonly List<int[]> places = []; // node × 4 + events
    private readonly Dictionary<int[], int> knownPlaces = new(new SamePlaces());
    private long bytes;

    public MaskCache(PushdownAutomaton automaton, TokenTrie trie)
    {
        (this.automaton, this.trie, configs) = (automaton, trie, new WalkConfigs(automaton));
        path = new int[trie.LongestToken + 1];
        scratch = new ulong[trie.MaskWords];
        Reset();
    }

    /// <summary>
    /// Adds the tokens that the stack under <paramref name="top"/> can read; returns through <paramref name="asked"/> those that need the
    /// sequence's memory.
    /// </summary>
    public void Fill(StackSpace space, int top, Span<ulong> mask, List<int> asked)
    {
        lock (walking)
        {
            if (bytes > MostBytes) Reset();
            var from = 1; // the root of the tree
            for (var id = top; id != 0 && from != 0; id = space[id].Parent)
            {
                var node = space[id];
                var key = (from, node.State, Reach(node));
                if (!parts.TryGetValue(key, out var part)) parts[key] = part = Walk(from, node.State, key.Item3);
                part.AddTo(mask);
                foreach (var token in part.Asked) asked.Add(token);
                from = part.Left;
            }
        }
    }

    private void Reset()
    {
        parts.Clear();
        places.Clear();
        knownPlaces.Clear();
        places.AddRange([[], [0]]);
        knownPlaces[places[0]] = 0;
        knownPlaces[places[1]] = 1;
        bytes = 0;
    }

    /// <summary>No token has more bytes than this, so counters farther from a bound than that are alike.</summary>
    private int Reach(StackNode node)
    {
        if ((automaton.Marks(node.State) & StateMarks.Loop) == 0) return 0;
        var loop = automaton.LoopOf(node.State);
        var far = trie.LongestToken + 1;
        if (node.Counter < loop.Least) return Math.Max(node.Counter, loop.Least - far);
        return loop.Most == int.MaxValue ? loop.Least : Math.Max(node.Counter, Math.Max(loop.Least, loop.Most - far));
    }

    private MaskPart Walk(int from, int state, int counter)
    {
        configs.Trim();
        Array.Clear(scratch);
        var asked = new List<int>();
        var left = new List<int>();
        foreach (var place in places[from])
        {
            var node = place >> 2;
            var start = configs.Start(state, counter, (KeyEvents)(place & 3));
            // Entered without a byte: what the entry below may read, it may read from the same place.
            if (configs.Ends(start) && trie.End(node) > node + 1) left.Add(place);
            WalkUnder(node, start, asked, left);
        }

        var count = 0;
        foreach (var word in scratch) count += System.Numerics.BitOperations.PopCount(word);
        var dense = count > scratch.Length ? (ulong[])scratch.Clone() : null;
        var part = new MaskPart(dense, dense is null ? Listed(count) : [], [.. asked.Distinct()], PlacesOf(left));
        bytes += part.Bytes;
        return part;
    }

    private void WalkUnder(int from, int start, List<int> asked, List<int> left)
    {
        var depth = trie.Depth(from);
        path[depth] = start;
        var end = trie.End(from);
        for (var node = from + 1; node < end;)
        {
            var at = trie.Depth(node);
            var config = configs.Next(path[at - 1], trie.Value(node));
            if (config == WalkConfigs.Dead)
            {
                node = trie.End(node);
                continue;
            }

            path[at] = config;
            var events = configs.EventsOf(config);
            foreach (var token in trie.TokensAt(node))
            {
                if ((events & KeyEvents.Whole) != 0) asked.Add(token);
                else scratch[token >> 6] |= 1UL << token;
            }

            if (configs.Ends(config) && trie.End(node) > node + 1) left.Add((node << 2) | (int)events);
            node++;
        }
    }

    private int[] Listed(int count)
    {
        var list = new int[count];
        var at = 0;
        for (var word = 0; word < scratch.Length; word++)
            for (var bits = scratch[word]; bits != 0; bits &= bits - 1) list[at++] = (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
        return list;
    }

    private int PlacesOf(List<int> left)
    {
        int[] sorted = [.. left.Distinct().Order()];
        if (knownPlaces.TryGetValue(sorted, out var id)) return id;
        places.Add(sorted);
        bytes += 64 + (sorted.Length * 4L);
        return knownPlaces[sorted] = places.Count - 1;
    }

    private sealed class SamePlaces : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] places)
        {
            var hash = new HashCode();
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(places.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
