using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Policies;

namespace Gateway.Tests.Doors;

/// <summary>Keys with limits, as settings have them.</summary>
internal static class LimitedKeys
{
    public static JsonNode Of(string name, CallerLimits limits, string? team = null)
    {
        var key = JsonSerializer.SerializeToNode(limits)!;
        key["Name"] = name;
        key["Key"] = Secret(name);
        key["Team"] = team;
        return key;
    }

    public static AuthenticationHeaderValue Bearer(string name) => new("Bearer", Secret(name));

    private static string Secret(string name) => $"sk-the-key-of-{name}";
}
