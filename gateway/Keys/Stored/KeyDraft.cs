using System.Text.Json;
using Gateway.Policies;

namespace Gateway.Keys.Stored;

/// <summary>What of a key can be chosen, while it is being chosen.</summary>
internal sealed class KeyDraft
{
    public string Name { get; set; } = "";

    public string? Team { get; set; }

    public List<string> Scopes { get; set; } = [ScopeNames.Inference];

    public List<string> Models { get; set; } = ["*"];

    public DateTimeOffset? Expires { get; set; }

    public bool Disabled { get; set; }

    public CallerLimits Limits { get; set; } = CallerLimits.None;

    public static KeyDraft Of(StoredKey row) => new()
    {
        Name = row.Name,
        Team = row.Team,
        Scopes = [.. row.Scopes.Split(' ')],
        Models = [.. row.Models.Split('\n')],
        Expires = row.Expires is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
        Disabled = row.Disabled,
        Limits = LimitsOf(row.Limits),
    };

    public void WriteTo(StoredKey row)
    {
        (row.Name, row.Team, row.Disabled) = (Name, Team, Disabled);
        row.Scopes = string.Join(' ', ScopeNames.Of(ScopeNames.Parse(Scopes)));
        row.Models = string.Join('\n', Models);
        row.Expires = Expires?.ToUnixTimeMilliseconds();
        row.Limits = JsonSerializer.Serialize(Limits, LimitsJson.Default.CallerLimits);
    }

    public static CallerLimits LimitsOf(string json) => json == "{}" ? CallerLimits.None : JsonSerializer.Deserialize(json, LimitsJson.Default.CallerLimits)!;
}
