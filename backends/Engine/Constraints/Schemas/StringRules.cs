using System.Text.Json.Nodes;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for strings. Lengths count code points.</summary>
internal sealed class StringRules(JsonRules rules, Enforcement enforcement)
{
    // Each allows only what RFC 3339, 5321, 4122, 2673, 4291, 1123 and 3986 allow, and not all of it: February ends on the 28th, names are ASCII.
    private const string Date = "[0-9]{3}[1-9]-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";
    private const string Time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?";
    private const string Host = $"{Label}(?:\\.{Label}){{0,5}}";
    private const string Byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Path = "[A-Za-z0-9._~!$&'()*+,;=:@-]";

    private static readonly Dictionary<string, string> Formats = new()
    {
        ["date-time"] = $"^{Date}T{Time}$",
        ["date"] = $"^{Date}$",
        ["time"] = $"^{Time}$",
        ["duration"] = "^P(?:[0-9]{1,9}W|[0-9]{1,9}Y(?:[0-9]{1,9}M)?(?:[0-9]{1,9}D)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D|(?:[0-9]{1,9}D)?T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S))$",
        ["email"] = $"^[A-Za-z0-9_+-]{{1,20}}(?:\\.[A-Za-z0-9_+-]{{1,20}}){{0,2}}@{Label}(?:\\.{Label}){{0,2}}\\.[A-Za-z]{{2,10}}$",
        ["uuid"] = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        ["ipv4"] = $"^{Byte}(?:\\.{Byte}){{3}}$",
        ["ipv6"] = "^(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|::|(?:[0-9a-fA-F]{1,4}:){1,4}(?::[0-9a-fA-F]{1,4}){1,3})$",
        ["hostname"] = $"^{Host}$",
        ["uri"] = $"^[a-z][a-z0-9+.-]{{1,15}}://{Host}(?::[1-9][0-9]{{1,3}})?(?:/{Path}{{0,100}}){{0,20}}(?:\\?{Path}{{1,200}})?(?:#{Path}{{1,100}})?$",
    };

    private readonly Dictionary<(string, int, int), int> patterns = [];

    public int Rule(JsonObject schema, SchemaPath path)
    {
        var least = Keywords.Count(schema, "minLength", path) ?? 0;
        var most = Keywords.Count(schema, "maxLength", path) ?? int.MaxValue;
        if (least > most) throw path.Wrong($"'minLength' {least} is more than 'maxLength' {most}.");
        var pattern = Given(schema, "pattern", path);
        if (Given(schema, "format", path) is { } format)
        {
            if (!Formats.TryGetValue(format, out var known)) enforcement.Skip(path, "format", $"'format' '{format}' is not supported. Supported: {string.Join(", ", Formats.Keys)}.");
            else if (pattern is null) pattern = known;
            else enforcement.Skip(path, "format", "'pattern' and 'format' together are not supported.");
        }

        if (pattern is not null && Matching(pattern, least, most, path) is { } matching) return matching;
        if (least == 0 && most == int.MaxValue) return rules.Text();
        var builder = rules.Builder;
        int start = builder.State(), inside = builder.State(), end = builder.State();
        builder.Byte(start, (byte)'"', inside);
        builder.Call(inside, builder.LoopRule(rules.Character(), least, most), end);
        builder.Byte(end, (byte)'"', builder.State(StateMarks.Final));
        return builder.Rule(start);
    }

    // Null where the pattern had to be left out.
    private int? Matching(string source, int least, int most, SchemaPath path)
    {
        if (patterns.TryGetValue((source, least, most), out var known)) return known;
        if (Parsed(source, path) is not { } pattern) return null;
        var (shortest, longest) = PatternWriter.Lengths(pattern);
        // Lengths that the pattern keeps by itself need no counting.
        if (shortest < least || (longest > most && most != int.MaxValue))
        {
            enforcement.Skip(path, "pattern", "'pattern' or 'format' with 'minLength' or 'maxLength' that it does not keep by itself is not supported.");
            return null;
        }

        var builder = rules.Builder;
        int start = builder.State(), inside = builder.State();
        builder.Byte(start, (byte)'"', inside);
        builder.Byte(PatternWriter.Write(builder, inside, pattern, whole: false, CharacterWriter.InString), (byte)'"', builder.State(StateMarks.Final));
        return patterns[(source, least, most)] = builder.Rule(start);
    }

    private Pattern? Parsed(string source, SchemaPath path)
    {
        try
        {
            return PatternParser.Parse(source);
        }
        catch (GrammarException wrong)
        {
            enforcement.Skip(path, "pattern", wrong.Message);
            return null;
        }
    }

    private static string? Given(JsonObject schema, string name, SchemaPath path)
    {
        if (!schema.TryGetPropertyValue(name, out var value)) return null;
        return Keywords.Text(value) ?? throw path.Wrong($"'{name}' must be a string.");
    }
}
