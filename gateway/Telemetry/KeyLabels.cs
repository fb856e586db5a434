using System.Diagnostics;
using Gateway.Configuration;
using Gateway.Keys;
using Gateway.Models;

namespace Gateway.Telemetry;

/// <summary>Keys have labels, by their names, where settings choose them. Those that are not chosen count together then, and without a choice there is no label.</summary>
internal static class KeyLabels
{
    public const string Name = "key";

    public static void Add(ref TagList tags, Caller caller, GatewayOptions options, MetricLabels labels)
    {
        var chosen = options.Metrics.Keys;
        if (chosen.Count > 0) tags.Add(Name, IsChosen(chosen, caller.Name) ? labels.Key(caller.Name) : MetricLabels.Other);
    }

    private static bool IsChosen(List<string> chosen, string name)
    {
        foreach (var one in chosen)
            if (one == "*" || new NamePattern(one).Matches(name)) return true;
        return false;
    }
}
