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
/// <param name="never">The rule of properties that stay away.</param>
/// <param name="free">Other properties; null allows none.</param>
/// <param name="least">Fewest properties, 0 where what is required is enough.</param>
/// <param name="most">Most properties, <see cref="int.MaxValue"/> where they need no counting.</param>
internal sealed class ObjectWriter(JsonRules rules, IReadOnlyList<ObjectProperty> properties, int never, FreeKeyWriter? free, int least, int most)
{
    private const int BlockLength = 64;

    private readonly AutomatonBuilder builder = rules.Builder;
    private readonly Dictionary<(int At, int Count), int> ready = []; // about to write a key, of this property or a later one
    private readonly Dictionary<(int At, int Count), int> after = []; // has written the one before this one
    private readonly Queue<(bool Ready, int At, int Count)> work = new();
    private int lastRequired;

    /// <summary>The object's first state.</summary>
    public int Start()
    {
        for (var at = 0; at < properties.Count; at++)
            if (properties[at].Required) lastRequired = at;
        if (!properties.Any(static property => property.Required)) lastRequired = -1;
        int start = builder.State(), open = builder.State(), spaced = builder.State(), end = builder.State(StateMarks.Final);
        builder.Byte(start, (byte)'{', open);
        builder.Call(open, rules.Space(), spaced);
        if (lastRequired < 0 && least == 0) builder.Byte(spaced, (byte)'}', end);
        if (most > 0) builder.Epsilon(spaced, Ready(0, 0));
        while (work.TryDequeue(out var next))
        {
            if (next.Ready) WriteKey(next.At, next.Count);
            else WriteEnd(next.At, next.Count, end);
        }

        return start;
    }

    /// <summary>A colon and a value.</summary>
    public static void Value(JsonRules rules, int from, int rule, int to)
    {
        var builder = rules.Builder;
        int before = builder.State(), colon = builder.State(), value = builder.State();
        builder.Call(from, rules.Space(), before);
        builder.Byte(before, (byte)':', colon);
        builder.Call(colon, rules.Space(), value);
        builder.Call(value, rule, to);
    }

    // The brace that closes, or a comma.
    private void WriteEnd(int at, int count, int end)
    {
        var from = after[(at, count)];
        bool closes = at > lastRequired && count >= least, goesOn = count < most && (at < properties.Count || free is not null);
        if (!closes && !goesOn) return;
        var spaced = builder.State();
        builder.Call(from, rules.Space(), spaced);
        if (closes) builder.Byte(spaced, (byte)'}', end);
        if (!goesOn) return;
        var comma = builder.State();
        builder.Byte(spaced, (byte)',', comma);
        builder.Call(comma, rules.Space(), Ready(at, count));
    }

    private void WriteKey(int at, int count)
    {
        var from = ready[(at, count)];
        if (at == properties.Count)
        {
            free?.Write(from, After(at, Next(count)));
            return;
        }

        if (at % BlockLength == 0 && IsOptional(at))
        {
            WriteBlock(from, at, count);
            return;
        }

        var property = properties[at];
        if (property.Rule != never) Value(rules, builder.Literal(from, Key(property)), property.Rule, After(at + 1, Next(count)));
        if (!property.Required) builder.Epsilon(from, Ready(at + 1, count));
    }

    // Many optional keys share their beginnings, so that the ways to go on are not as many as they.
    private void WriteBlock(int from, int at, int count)
    {
        var tree = new WordTree(builder, builder.State());
        builder.Epsilon(from, tree.Root);
        for (var i = at; i < at + BlockLength; i++)
            if (properties[i].Rule != never) Value(rules, tree.Add(Key(properties[i])), properties[i].Rule, After(i + 1, Next(count)));
        builder.Epsilon(from, Ready(at + BlockLength, count));
    }

    private bool IsOptional(int at)
    {
        if (at + BlockLength > properties.Count) return false;
        for (var i = at; i < at + BlockLength; i++)
            if (properties[i].Required) return false;
        return true;
    }

    private static byte[] Key(ObjectProperty property) => [(byte)'"', .. CharacterWriter.Spelled(property.Name), (byte)'"'];

    // Counted only as far as it matters.
    private int Next(int count) => most < int.MaxValue ? count + 1 : Math.Min(count + 1, least);

    private int Ready(int at, int count) => Of(ready, isReady: true, at, count);

    private int After(int at, int count) => Of(after, isReady: false, at, count);

    private int Of(Dictionary<(int, int), int> states, bool isReady, int at, int count)
    {
        if (states.TryGetValue((at, count), out var known)) return known;
        work.Enqueue((isReady, at, count));
        return states[(at, count)] = builder.State();
    }
}
