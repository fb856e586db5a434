using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Masks;

/// <summary>
/// What a token has done to the stacks above some entry, as numbers with a table of transitions, so that a walk over the vocabulary costs
/// one look-up a byte. What lies below the entry is unknown here. One owner.
/// </summary>
internal sealed class WalkConfigs
{
    public const int Dead = 0;
    private const int Unknown = -1;
    private const int MostConfigs = 16_384;
    private const int MostTops = 2_000_000; // in all; a walk beyond leaves tokens out

    private readonly PushdownAutomaton automaton;
    private readonly StackSpace space = new();
    private readonly Threads threads;
    private readonly List<Config> configs = [];
    private readonly Dictionary<Config, int> known = new(new SameConfig());
    private int held;

    public WalkConfigs(PushdownAutomaton automaton)
    {
        this.automaton = automaton;
        threads = new Threads(automaton, space, memory: null);
        configs.Add(new Config([], 0, false, []));
    }

    /// <summary>Starts at an entry of which nothing is known but its state and counter.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="counter">Its counter, in the form that stands for its class.</param>
    /// <param name="events">What the token did before it got here.</param>
    public int Start(int state, int counter, KeyEvents events)
    {
        threads.Start(space.Intern(state, counter, 0, 0));
        return Intern(events);
    }

    /// <summary>Forgets what was learnt, between walks, when it has become too much.</summary>
    public void Trim()
    {
        if (configs.Count < MostConfigs && held < MostTops) return;
        held = 0;
        configs.RemoveRange(1, configs.Count - 1);
        known.Clear();
        space.Clear();
    }

    /// <summary>Whether a way has left the entry: the rest is for the one below.</summary>
    public bool Ends(int config) => configs[config].Ends;

    public KeyEvents EventsOf(int config) => configs[config].Events;

    public int Next(int config, byte value)
    {
        var from = configs[config];
        ref var next = ref from.Next[automaton.ClassOf[value]];
        if (next == Unknown) next = Step(from, value);
        return next;
    }

    private int Step(Config from, byte value)
    {
        threads.Step(from.Tops, value);
        var events = from.Events;
        if (threads.ClosedKey && (events & KeyEvents.Opened) != 0) events |= KeyEvents.Whole;
        if (threads.OpenedKey) events |= KeyEvents.Opened;
        return Intern(events);
    }

    private int Intern(KeyEvents events)
    {
        if (threads.Count == 0 && !threads.Ends) return Dead;
        int[] tops = [.. threads.Tops];
        Array.Sort(tops);
        var config = new Config(tops, events, threads.Ends, []);
        if (known.TryGetValue(config, out var id)) return id;
        if ((held += tops.Length) > MostTops) return Dead;
        var next = new int[automaton.Classes];
        Array.Fill(next, Unknown);
        configs.Add(config with { Next = next });
        known[config] = configs.Count - 1;
        return configs.Count - 1;
    }

    private sealed record Config(int[] Tops, KeyEvents Events, bool Ends, int[] Next);

    private sealed class SameConfig : IEqualityComparer<Config>
    {
        public bool Equals(Config? x, Config? y) => x!.Events == y!.Events && x.Ends == y.Ends && x.Tops.AsSpan().SequenceEqual(y.Tops);

        public int GetHashCode(Config config)
        {
            var hash = new HashCode();
            foreach (var top in config.Tops) hash.Add(top);
            hash.Add((config.Events, config.Ends));
            return hash.ToHashCode();
        }
    }
}

/// <summary>What a token did to free keys of objects.</summary>
[Flags]
internal enum KeyEvents : byte
{
    None = 0,

    /// <summary>It opened one.</summary>
    Opened = 1,

    /// <summary>It opened and closed one: only the sequence's own memory can say whether the object has that key already.</summary>
    Whole = 2,
}
