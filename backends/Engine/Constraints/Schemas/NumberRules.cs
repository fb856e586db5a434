using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Rules for numbers. Bounds are exact. Bounded numbers that need not be whole are written without an exponent, with a few places after the
/// point and at most 15 digits in all, so that a double keeps them apart.
/// </summary>
internal sealed class NumberRules(JsonRules rules)
{
    private const int MostDigits = 15;
    private readonly Dictionary<(bool Whole, NumberBounds Bounds), int> written = [];

    public int Rule(IReadOnlyList<SchemaPlace> schemas, bool whole, SchemaPath path)
    {
        var bounds = BoundsOf(schemas);
        if (bounds == NumberBounds.None) return whole ? rules.Integer() : rules.Number();
        if (written.TryGetValue((whole, bounds), out var known)) return known;
        var alternatives = new List<int>();
        var places = whole ? 0 : Math.Min(9, Math.Max(bounds.Scale + 2, 4));
        for (var scale = 0; scale <= places; scale++)
        {
            var (least, most, multiple) = bounds.At(scale);
            if (scale > 0)
            {
                var far = ExactNumber.Power(MostDigits) - 1;
                (least, most) = (BigInteger.Max(least ?? -far, -far), BigInteger.Min(most ?? far, far));
            }

            if (least > most) continue;
            if (new IntegerRange(rules.Builder, scale).Start(least, most, multiple) is { } start) alternatives.Add(rules.Builder.Rule(start));
        }

        if (alternatives.Count == 0) throw path.Never(whole ? "no whole number lies between the bounds." : "no number lies between the bounds.");
        return written[(whole, bounds)] = alternatives.Count == 1 ? alternatives[0] : rules.Builder.Rule(rules.Union(alternatives));
    }

    public static ExactNumber Bound(JsonNode? value, string name, SchemaPath path)
    {
        if (value is not JsonValue || value.GetValueKind() != JsonValueKind.Number) throw path.Wrong($"'{name}' must be a number.");
        var number = ExactNumber.Parse(value.ToJsonString()) ?? throw path.Wrong($"'{name}' is beyond the range of a double.");
        return name != "multipleOf" || number.Unscaled.Sign > 0 ? number : throw path.Wrong("'multipleOf' must be greater than 0.");
    }

    private static NumberBounds BoundsOf(IReadOnlyList<SchemaPlace> schemas)
    {
        var bounds = NumberBounds.None;
        foreach (var (value, path) in schemas.In("minimum")) bounds = bounds.From(Bound(value, "minimum", path), exclusive: false);
        foreach (var (value, path) in schemas.In("exclusiveMinimum")) bounds = bounds.From(Bound(value, "exclusiveMinimum", path), exclusive: true);
        foreach (var (value, path) in schemas.In("maximum")) bounds = bounds.To(Bound(value, "maximum", path), exclusive: false);
        foreach (var (value, path) in schemas.In("exclusiveMaximum")) bounds = bounds.To(Bound(value, "exclusiveMaximum", path), exclusive: true);
        foreach (var (value, path) in schemas.In("multipleOf")) bounds = bounds.Times(Bound(value, "multipleOf", path));
        return bounds;
    }
}
