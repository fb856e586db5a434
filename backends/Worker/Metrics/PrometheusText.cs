using System.Globalization;
using System.Text;
using Gateway.Engine.Measures;

namespace Gateway.Worker.Metrics;

/// <summary>Prometheus' text format 0.0.4. All series of a name stand together, below what they are.</summary>
internal sealed class PrometheusText(string labels)
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder text = new();

    public void Gauge(string name, string help, double value) => One(name, "gauge", help, value);

    public void Counter(string name, string help, double value) => One(name, "counter", help, value);

    /// <summary>A counter with a series for each value of a label.</summary>
    public void Counters(string name, string help, string label, IEnumerable<(string Of, long Value)> values)
    {
        Head(name, "counter", help);
        foreach (var (of, value) in values) Line(name, $"{labels},{label}=\"{Escaped(of)}\"", value);
    }

    /// <summary>What is said by labels: a gauge that is always 1.</summary>
    public void Facts(string name, string help, IEnumerable<(string Name, string Value)> facts)
    {
        Head(name, "gauge", help);
        Line(name, $"{string.Concat(facts.Select(static fact => $"{fact.Name}=\"{Escaped(fact.Value)}\","))}{labels}", 1);
    }

    public void Histogram(string name, string help, Histogram of)
    {
        Head(name, "histogram", help);
        var (sum, counts) = (of.Sum, of.Cumulative());
        for (var i = 0; i < counts.Length; i++) Line(name + "_bucket", $"{labels},le=\"{(i < of.Bounds.Count ? Bound(of.Bounds[i]) : "+Inf")}\"", counts[i]);
        Line(name + "_sum", labels, sum);
        Line(name + "_count", labels, counts[^1]);
    }

    public override string ToString() => text.ToString();

    /// <summary>A label's value as the format wants it.</summary>
    public static string Escaped(string value) => value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private void One(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Line(name, labels, value);
    }

    private void Head(string name, string type, string help) => text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Line(string name, string labels, double value) =>
        text.Append(name).Append('{').Append(labels).Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    // Whole ones with a point, as vLLM's are: queries compare them as text.
    private static string Bound(double bound) => bound == Math.Floor(bound) ? bound.ToString("0.0", CultureInfo.InvariantCulture) : bound.ToString(CultureInfo.InvariantCulture);
}
