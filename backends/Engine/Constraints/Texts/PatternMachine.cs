using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Texts;

/// <summary>
/// Texts in which a regular expression matches somewhere: Thompson's construction, and sets of its states found as they are asked for.
/// Anchors may stand anywhere.
/// </summary>
internal sealed class PatternMachine : ITextMachine
{
    private const int MostNodes = 50_000;
    private const long MostSteps = 5_000_000;
    private readonly List<Node> nodes = [];
    private readonly List<(int[] Set, bool Accepts, List<int>? Cuts)> states = [];
    private readonly Dictionary<string, int> known = [];
    private readonly int end;
    private readonly int[] stamps;
    private int epoch;
    private long steps;

    public PatternMachine(Pattern pattern)
    {
        var start = Add(new Node());
        end = Add(new Node());
        Link(Build(pattern, start), end);
        // What comes before the match: any text, which is to say that a match may begin anywhere.
        var before = Add(new Node());
        Link(before, start);
        nodes[before].Ranges = CodeRanges.All;
        nodes[before].Next = before;
        stamps = new int[nodes.Count];
        Start = Intern([before], atStart: true);
    }

    public int Start { get; }

    /// <summary>Work so far.</summary>
    public long Steps => steps + nodes.Count;

    public int Next(int state, int codePoint)
    {
        var reached = new List<int>();
        foreach (var id in states[state].Set)
        {
            var node = nodes[id];
            if (id == end) return state;
            steps++;
            foreach (var range in node.Ranges)
                if (range.Low <= codePoint && codePoint <= range.High) reached.Add(node.Next);
        }

        return reached.Count == 0 ? ITextMachine.Dead : Intern(reached, atStart: false);
    }

    public bool Accepts(int state) => states[state].Accepts;

    public void AddCuts(int state, List<int> cuts)
    {
        var (set, accepts, own) = states[state];
        if (own is null)
        {
            own = [];
            foreach (var id in set)
                foreach (var range in nodes[id].Ranges) own.AddRange([range.Low, range.High + 1]);
            states[state] = (set, accepts, own = [.. own.Distinct()]);
        }

        cuts.AddRange(own);
    }

    // Once the match is whole anything may follow, and nothing else matters.
    private int Intern(List<int> from, bool atStart)
    {
        var set = Close(from, atStart, atEnd: false);
        var accepts = set.Contains(end);
        if (accepts) set = [end];
        else accepts = Close(set, atStart, atEnd: true).Contains(end);
        set.RemoveAll(id => id != end && nodes[id].Ranges.Count == 0);
        set.Sort();
        var key = string.Create(set.Count * 2, set, static (to, ids) =>
        {
            for (var i = 0; i < ids.Count; i++) (to[2 * i], to[(2 * i) + 1]) = ((char)(ids[i] & 0xFFFF), (char)(ids[i] >> 16));
        }) + (accepts ? "a" : "");
        if (known.TryGetValue(key, out var id)) return id;
        states.Add(([.. set], accepts, null));
        return known[key] = states.Count - 1;
    }

    private List<int> Close(List<int> from, bool atStart, bool atEnd)
    {
        epoch++;
        var closed = new List<int>();
        var work = new Stack<int>(from);
        while (work.TryPop(out var id))
        {
            if (stamps[id] == epoch) continue;
            stamps[id] = epoch;
            closed.Add(id);
            if (++steps > MostSteps) throw new GrammarException("The pattern is too large: too many of its parts may match at once.");
            var node = nodes[id];
            if ((!node.AtStart || atStart) && (!node.AtEnd || atEnd))
                foreach (var next in node.Free) work.Push(next);
        }

        return closed;
    }

    private int Build(Pattern pattern, int from)
    {
        switch (pattern)
        {
            case Pattern.Set set:
                var read = Add(new Node());
                var reader = Add(new Node { Ranges = set.Ranges, Next = read });
                Link(from, reader);
                return read;
            case Pattern.Sequence sequence:
                return sequence.Parts.Aggregate(from, (at, part) => Build(part, at));
            case Pattern.Choice choice:
                var join = Add(new Node());
                foreach (var option in choice.Options)
                {
                    var begin = Add(new Node());
                    Link(from, begin);
                    Link(Build(option, begin), join);
                }

                return join;
            case Pattern.Repeat repeat:
                return Repeated(repeat, from);
            case Pattern.Anchor anchor:
                var bound = Add(new Node { AtStart = !anchor.End, AtEnd = anchor.End });
                var after = Add(new Node());
                Link(from, bound);
                Link(bound, after);
                return after;
            default:
                throw new GrammarException("The pattern has something that is not supported.");
        }
    }

    private int Repeated(Pattern.Repeat repeat, int from)
    {
        var at = from;
        // What is empty however often it is repeated is repeated once.
        var least = repeat.Part.Most == 0 ? Math.Min(repeat.From, 1) : repeat.From;
        var most = repeat.Part.Most == 0 ? Math.Min(repeat.To, 1) : repeat.To;
        for (var i = 0; i < least; i++) at = Build(repeat.Part, at);
        var last = Add(new Node());
        Link(at, last);
        if (most == int.MaxValue)
        {
            Link(Build(repeat.Part, last), last);
            return last;
        }

        var end = Add(new Node());
        Link(last, end);
        for (var i = least; i < most; i++)
        {
            last = Build(repeat.Part, last);
            Link(last, end);
        }

        return end;
    }

    private int Add(Node node)
    {
        if (nodes.Count == MostNodes) throw new GrammarException($"The pattern is too large: written out, it has more than {MostNodes:N0} parts.");
        nodes.Add(node);
        return nodes.Count - 1;
    }

    private void Link(int from, int to) => nodes[from].Free.Add(to);

    private sealed class Node
    {
        /// <summary>Code points that lead to <see cref="Next"/>.</summary>
        public IReadOnlyList<CodeRange> Ranges { get; set; } = [];

        public int Next { get; set; }

        /// <summary>Where nothing has to be read to get to, if the anchors hold.</summary>
        public List<int> Free { get; } = [];

        public bool AtStart { get; init; }

        public bool AtEnd { get; init; }
    }
}
