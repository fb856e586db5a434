using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Texts;

/// <summary>Writes the texts of a product, between two lengths, into an automaton.</summary>
internal sealed class ProductWriter(AutomatonBuilder builder, TextProduct product, int least, int most, WriteCharacters write)
{
    private const int MostStates = 30_000;
    private readonly Dictionary<(int State, int Count), int> states = [];
    private readonly Queue<(int State, int Count)> work = new();

    /// <summary>Whether some text is between the lengths; known once it is written.</summary>
    public bool HasText { get; private set; }

    /// <summary>From a state to the one returned.</summary>
    /// <exception cref="GrammarException">It takes too many states.</exception>
    public int Write(int from)
    {
        var end = builder.State();
        if (product.IsEmpty) return end;
        builder.Epsilon(from, Of(0, 0));
        while (work.TryDequeue(out var place))
        {
            var (at, count) = place;
            var state = states[place];
            if (product.Steps[at].TrueForAll(step => step.Target == at) && product.Steps[at].Count > 0 && (most < int.MaxValue || count < least))
            {
                // One set of characters to the end: counted, not written out.
                HasText |= product.Labels[at] != TextProduct.None;
                if (product.Labels[at] != TextProduct.None) builder.Call(state, builder.LoopRule(Character(at), Math.Max(0, least - count), most == int.MaxValue ? most : most - count), end);
                continue;
            }

            if (product.Labels[at] != TextProduct.None && count >= least)
            {
                HasText = true;
                builder.Epsilon(state, end);
            }

            if (count >= most) continue;
            foreach (var step in product.Steps[at]) write(builder, state, step.Range.Low, step.Range.High, Of(step.Target, count + 1));
        }

        return end;
    }

    private int Of(int state, int count)
    {
        // Beyond the fewest only the most is still to be counted for.
        if (most == int.MaxValue) count = Math.Min(count, least);
        if (states.TryGetValue((state, count), out var known)) return known;
        if (states.Count == MostStates) throw new GrammarException($"A pattern with such lengths is too large: it would take more than {MostStates:N0} states.");
        work.Enqueue((state, count));
        return states[(state, count)] = builder.State();
    }

    private int Character(int at)
    {
        int start = builder.State(), end = builder.State(StateMarks.Final);
        foreach (var step in product.Steps[at]) write(builder, start, step.Range.Low, step.Range.High, end);
        return builder.Rule(start);
    }
}
