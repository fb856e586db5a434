namespace Gateway.Engine.Constraints.Automata;

/// <summary>Words from one state that share their beginnings, so that however many there are, each byte leads to one state.</summary>
internal sealed class WordTree(AutomatonBuilder builder, int root)
{
    private readonly Dictionary<(int State, byte Value), int> next = [];

    public int Root => root;

    /// <summary>The state after a word.</summary>
    public int Add(ReadOnlySpan<byte> word)
    {
        var at = root;
        foreach (var value in word)
        {
            if (!next.TryGetValue((at, value), out var to))
            {
                next[(at, value)] = to = builder.State();
                builder.Byte(at, value, to);
            }

            at = to;
        }

        return at;
    }
}
