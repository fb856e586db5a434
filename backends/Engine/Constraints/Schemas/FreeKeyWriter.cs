using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Texts;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Writes free keys and their values; the states of keys are marked, so that none comes twice.</summary>
/// <param name="rules">JSON itself.</param>
/// <param name="keys">Which there are.</param>
/// <param name="value">The rule of a key's value, by label.</param>
/// <param name="properties">Whose names are taken.</param>
internal sealed class FreeKeyWriter(JsonRules rules, FreeKeys keys, Func<long, int> value, IReadOnlyList<ObjectProperty> properties)
{
    private readonly AutomatonBuilder builder = rules.Builder;

    public void Write(int from, int to)
    {
        if (keys.Product is { } product) Product(product, from, to);
        else Any(from, to);
    }

    private int Closed(long label, int to)
    {
        var closed = builder.State(StateMarks.ClosesKey);
        ObjectWriter.Value(rules, closed, value(label), to);
        return closed;
    }

    private void Product(TextProduct product, int from, int to)
    {
        var closed = new Dictionary<long, int>();
        // The first state is entered by the opening quote alone, so it is no state of the product.
        var opened = builder.State(StateMarks.OpensKey | StateMarks.InKey);
        var states = product.Steps.ConvertAll(_ => builder.State(StateMarks.InKey));
        builder.Byte(from, (byte)'"', opened);
        for (var at = -1; at < states.Count; at++)
        {
            var (state, index) = at < 0 ? (opened, 0) : (states[at], at);
            if (product.Labels[index] is var label && label != TextProduct.None)
            {
                if (!closed.TryGetValue(label, out var end)) closed[label] = end = Closed(label, to);
                builder.Byte(state, (byte)'"', end);
            }

            foreach (var step in product.Steps[index]) Characters(state, step.Range.Low, step.Range.High, states[step.Target]);
        }
    }

    // A tree of the names that are taken; whatever leaves it is free.
    private void Any(int from, int to)
    {
        var closed = Closed(0, to);
        var free = builder.State(StateMarks.InKey);
        Characters(free, 0, CharacterWriter.Last, free);
        builder.Byte(free, (byte)'"', closed);
        var taken = properties.Select(static property => property.Name.EnumerateRunes().Select(static rune => rune.Value).ToArray()).ToList();
        Branch(from, taken, StateMarks.OpensKey | StateMarks.InKey, free, closed, 0);
    }

    private void Branch(int from, List<int[]> taken, StateMarks mark, int free, int closed, int depth)
    {
        var at = builder.State(mark);
        if (depth == 0) builder.Byte(from, (byte)'"', at);
        else builder.Epsilon(from, at);
        if (taken.TrueForAll(name => name.Length > depth)) builder.Byte(at, (byte)'"', closed);
        var next = 0;
        foreach (var group in taken.Where(name => name.Length > depth).GroupBy(name => name[depth]).OrderBy(static group => group.Key))
        {
            if (group.Key > next) Characters(at, next, group.Key - 1, free);
            var child = builder.State(StateMarks.InKey);
            Characters(at, group.Key, group.Key, child);
            Branch(child, [.. group], StateMarks.InKey, free, closed, depth + 1);
            next = group.Key + 1;
        }

        if (next <= CharacterWriter.Last) Characters(at, next, CharacterWriter.Last, free);
    }

    // States inside a key are marked, also those between the bytes of one character.
    private void Characters(int from, int low, int high, int to)
    {
        var before = builder.States;
        CharacterWriter.InString(builder, from, low, high, to);
        for (var state = before; state < builder.States; state++) builder.Mark(state, StateMarks.InKey);
    }
}
