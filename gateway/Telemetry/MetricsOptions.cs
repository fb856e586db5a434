namespace Gateway.Telemetry;

/// <summary>What metrics say beyond what they always say.</summary>
public sealed record MetricsOptions
{
    /// <summary>Names of keys, with <c>*</c> for one or more characters, that have a label of their own; none where empty.</summary>
    public List<string> Keys { get; init; } = [];

    internal static void Check(MetricsOptions options, List<string> errors)
    {
        if (options.Keys.Any(string.IsNullOrWhiteSpace)) errors.Add("Gateway:Metrics:Keys: a name is empty");
    }
}
