using System.Text;
using Gateway.Engine.Constraints.Automata;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>One property of an object.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Rule">The rule of its value.</param>
/// <param name="Required">Whether it must be there.</param>
internal sealed record ObjectProperty(string Name, int Rule, bool Required);

/// <summary>Writes an object: its properties in order, then others under free keys, none of them twice.</summary>
/// <param name="rules">JSON itself.</param>
/// <param name="properties">In order.</param>
/// <param name="additional">The rule of other properties' values; −1 allows none.</param>
internal sealed class ObjectWriter(JsonRules rules, IReadOnlyList<ObjectProperty> properties, int additional)
{
    private readonly AutomatonBuilder builder = rules.Builder;

    /// <summary>The object's first state.</summary>
    public int Start()
    {
        int start = builder.State(), bare = builder.State(), closing = builder.State(), close = builder.State();
        builder.Byte(start, (byte)'{', bare);
        builder.Call(closing, rules.Space(), close);
        builder.Byte(close, (byte)'}', builder.State(StateMarks.Final));
        // Two chains of states: nothing written yet, and something written.
        var written = -1;
        foreach (var property in properties)
        {
            var after = builder.State();
            if (bare >= 0) Pair(rules.Separated(bare, comma: false), property, after);
            if (written >= 0) Pair(rules.Separated(written, comma: true), property, after);
            if (property.Required)
            {
                (bare, written) = (-1, after);
                continue;
            }

            if (written >= 0) builder.Epsilon(written, after);
            written = after;
        }

        if (bare >= 0) builder.Epsilon(bare, closing);
        if (written >= 0) builder.Epsilon(written, closing);
        if (additional >= 0)
        {
            var after = builder.State();
            var key = builder.State();
            if (bare >= 0) builder.Epsilon(rules.Separated(bare, comma: false), key);
            if (written >= 0) builder.Epsilon(rules.Separated(written, comma: true), key);
            builder.Epsilon(rules.Separated(after, comma: true), key);
            builder.Epsilon(after, closing);
            FreePair(key, after);
        }

        return start;
    }

    private void Pair(int from, ObjectProperty property, int to)
    {
        var named = builder.Literal(from, [(byte)'"', .. CharacterWriter.Spelled(property.Name), (byte)'"']);
        Value(named, property.Rule, to);
    }

    private void Value(int from, int rule, int to)
    {
        int before = builder.State(), colon = builder.State(), value = builder.State();
        builder.Call(from, rules.Space(), before);
        builder.Byte(before, (byte)':', colon);
        builder.Call(colon, rules.Space(), value);
        builder.Call(value, rule, to);
    }

    // A tree of the names that are taken; whatever leaves it is free.
    private void FreePair(int from, int to)
    {
        var closed = builder.State(StateMarks.ClosesKey);
        Value(closed, additional, to);
        var free = builder.State(StateMarks.InKey);
        MarkedCharacters(free, 0, CharacterWriter.Last, free);
        builder.Byte(free, (byte)'"', closed);
        var taken = properties.Select(property => property.Name.EnumerateRunes().Select(static rune => rune.Value).ToArray()).ToList();
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
            if (group.Key > next) MarkedCharacters(at, next, group.Key - 1, free);
            var child = builder.State(StateMarks.InKey);
            MarkedCharacters(at, group.Key, group.Key, child);
            Branch(child, [.. group], StateMarks.InKey, free, closed, depth + 1);
            next = group.Key + 1;
        }

        if (next <= CharacterWriter.Last) MarkedCharacters(at, next, CharacterWriter.Last, free);
    }

    // States inside a key are marked, also those between the bytes of one character.
    private void MarkedCharacters(int from, int low, int high, int to)
    {
        var before = builder.States;
        CharacterWriter.InString(builder, from, low, high, to);
        for (var state = before; state < builder.States; state++) builder.Mark(state, StateMarks.InKey);
    }
}
