using System.Text;

namespace Gateway.Usage.Reading;

/// <summary>Which rows are asked for. Columns are our own words; whatever a caller said is a parameter.</summary>
internal sealed class Filter
{
    private readonly StringBuilder text = new("1 = 1");
    private readonly List<(string Name, object Value)> parameters = [];

    public IReadOnlyList<(string Name, object Value)> Parameters => parameters;

    public Filter Is(string column, string? value) => value is null ? this : And($"{column} = {Add(value)}");

    /// <summary>Nothing is asked for by no values.</summary>
    public Filter In(string column, IReadOnlyList<string> values) => values.Count == 0 ? this : And($"{column} IN ({string.Join(", ", values.Select(Add))})");

    /// <summary>In milliseconds; the first moment, and the first one after it.</summary>
    public Filter Between(long? from, long? until)
    {
        if (from is { } first) And($"began >= {Add(first)}");
        return until is { } end ? And($"began < {Add(end)}") : this;
    }

    /// <summary>A condition without anything of a caller's.</summary>
    public Filter And(string condition)
    {
        text.Append(" AND ").Append(condition);
        return this;
    }

    public string Add(object value)
    {
        parameters.Add(($"p{parameters.Count}", value));
        return "@" + parameters[^1].Name;
    }

    public override string ToString() => text.ToString();
}
