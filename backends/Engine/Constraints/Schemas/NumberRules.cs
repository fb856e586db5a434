using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>Rules for numbers. Bounds of whole numbers are exact; those of others are refused.</summary>
internal sealed class NumberRules(JsonRules rules, Enforcement enforcement)
{
    private static readonly string[] Bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

    public int Number(JsonObject schema, SchemaPath path)
    {
        foreach (var bound in Bounds)
        {
            if (!schema.ContainsKey(bound)) continue;
            _ = Bound(schema, bound, path);
            enforcement.Skip(path, bound, $"'{bound}' is supported for the type 'integer' only.");
        }

        return rules.Number();
    }

    public int Integer(JsonObject schema, SchemaPath path)
    {
        BigInteger? least = null, most = null;
        if (Bound(schema, "minimum", path) is { } minimum) least = minimum.Ceiling;
        if (Bound(schema, "exclusiveMinimum", path) is { } above) least = Larger(least, above.Floor + 1);
        if (Bound(schema, "maximum", path) is { } maximum) most = maximum.Floor;
        if (Bound(schema, "exclusiveMaximum", path) is { } below) most = Smaller(most, below.Ceiling - 1);
        if (least > most) throw path.Wrong($"no whole number lies between the bounds {least} and {most}.");
        var multiple = 1;
        if (Bound(schema, "multipleOf", path) is { } step)
        {
            if (step.Floor < 0 || (step.Floor.IsZero && step.IsWhole)) throw path.Wrong("'multipleOf' must be greater than 0.");
            if (step.IsWhole && step.Floor <= IntegerRange.MostMultiple) multiple = (int)step.Floor;
            else enforcement.Skip(path, "multipleOf", $"'multipleOf' is supported for whole numbers up to {IntegerRange.MostMultiple} only.");
        }

        return least is null && most is null && multiple == 1 ? rules.Integer() : rules.Builder.Rule(new IntegerRange(rules.Builder, multiple).Start(least, most));
    }

    private static BigInteger Larger(BigInteger? a, BigInteger b) => a is { } value && value > b ? value : b;

    private static BigInteger Smaller(BigInteger? a, BigInteger b) => a is { } value && value < b ? value : b;

    private static ExactNumber? Bound(JsonObject schema, string name, SchemaPath path)
    {
        if (!schema.TryGetPropertyValue(name, out var value)) return null;
        if (value is not JsonValue || value.GetValueKind() != JsonValueKind.Number) throw path.Wrong($"'{name}' must be a number.");
        return ExactNumber.Parse(value.ToJsonString()) ?? throw path.Wrong($"'{name}' is beyond the range of a double.");
    }
}
