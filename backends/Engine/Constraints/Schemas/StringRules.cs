using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Patterns;
using Gateway.Engine.Constraints.Texts;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for strings. Lengths count code points; patterns, formats and lengths hold all at once.</summary>
internal sealed class StringRules(JsonRules rules, Enforcement enforcement, SchemaBudget budget)
{
    private const int MostStates = 20_000;
    private const int StepsOfPatterns = 10; // to one of a schema
    private readonly Dictionary<string, ITextMachine?> machines = []; // null where one had to be left out
    private readonly Dictionary<string, int> written = [];

    public int Rule(IReadOnlyList<SchemaPlace> schemas, SchemaPath path)
    {
        int least = schemas.Least("minLength"), most = schemas.Most("maxLength");
        if (least > most) throw path.Never($"'minLength' {least} is more than 'maxLength' {most}.");
        var required = new SortedDictionary<string, ITextMachine>(StringComparer.Ordinal);
        foreach (var (machine, key) in Machines(schemas)) required[key] = machine;
        if (required.Count == 0) return Of(least, most);
        var all = $"{string.Join('\n', required.Keys)}\n{least} {most}";
        if (written.TryGetValue(all, out var known)) return known;
        return written[all] = Matching([.. required.Values], least, most, path) ?? Of(least, most);
    }

    /// <summary>The sets that patterns and formats ask for, with a text for each.</summary>
    public IEnumerable<(ITextMachine Machine, string Key)> Machines(IReadOnlyList<SchemaPlace> schemas)
    {
        foreach (var keyword in (string[])["pattern", "format"])
            foreach (var (value, path) in schemas.In(keyword))
                if (Machine(keyword, value, path) is { } machine) yield return (machine, $"{keyword} {value}");
    }

    /// <summary>The set of a pattern or a format; null where it had to be left out.</summary>
    public ITextMachine? Machine(string keyword, JsonNode? given, SchemaPath path)
    {
        var text = Keywords.Text(given) ?? throw path.Wrong($"'{keyword}' must be a string.");
        return Machine(keyword, text, keyword, path);
    }

    /// <summary>The same where another keyword is to be named.</summary>
    public ITextMachine? Machine(string keyword, string text, string named, SchemaPath path)
    {
        if (machines.TryGetValue($"{keyword} {text}", out var known)) return known;
        ITextMachine? made = null;
        var source = keyword == "pattern" ? text : StringFormats.Pattern(text);
        if (source is null) enforcement.Skip(path, named, $"'format' '{text}' is not supported. Supported: {string.Join(", ", StringFormats.Names)}.");
        else made = Parsed(named, source, path);
        return machines[$"{keyword} {text}"] = made;
    }

    private PatternMachine? Parsed(string keyword, string source, SchemaPath path)
    {
        try
        {
            var machine = new PatternMachine(PatternParser.Parse(source));
            budget.Spend(machine.Steps / StepsOfPatterns, path);
            return machine;
        }
        catch (GrammarException wrong) when (wrong is not BudgetException)
        {
            enforcement.Skip(path, keyword, wrong.Message);
            return null;
        }
    }

    // Null where it had to be left out.
    private int? Matching(IReadOnlyList<ITextMachine> required, int least, int most, SchemaPath path)
    {
        try
        {
            var before = required.OfType<PatternMachine>().Sum(static machine => machine.Steps);
            var product = TextProduct.Of(required, [], MostStates);
            budget.Spend(product.Steps.Count + ((required.OfType<PatternMachine>().Sum(static machine => machine.Steps) - before) / StepsOfPatterns), path);
            var builder = rules.Builder;
            int start = builder.State(), inside = builder.State();
            if (product.IsEmpty) throw path.Never("no string satisfies its patterns and formats.");
            builder.Byte(start, (byte)'"', inside);
            var writer = new ProductWriter(builder, product, least, most, CharacterWriter.InString);
            builder.Byte(writer.Write(inside), (byte)'"', builder.State(StateMarks.Final));
            return writer.HasText ? builder.Rule(start) : throw path.Never("no string satisfies its patterns, formats and lengths.");
        }
        catch (GrammarException wrong) when (wrong is not (NeverException or BudgetException))
        {
            enforcement.Skip(path, "pattern", wrong.Message);
            return null;
        }
    }

    private int Of(int least, int most)
    {
        if (least == 0 && most == int.MaxValue) return rules.Text();
        var builder = rules.Builder;
        int start = builder.State(), inside = builder.State(), end = builder.State();
        builder.Byte(start, (byte)'"', inside);
        builder.Call(inside, builder.LoopRule(rules.Character(), least, most), end);
        builder.Byte(end, (byte)'"', builder.State(StateMarks.Final));
        return builder.Rule(start);
    }
}
