using System.Text.Json.Serialization;
using Gateway.Policies;

namespace Gateway.Keys.Stored;

/// <summary>A key as the admin API shows it: everything but the key, which its maker sees once.</summary>
internal sealed record KeyEntry : CallerLimits
{
    private KeyEntry(CallerLimits limits)
        : base(limits)
    {
    }

    public string Object { get; init; } = "key";

    public required string Id { get; init; }

    /// <summary>Only where it was just made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    public required string Name { get; init; }

    public string? Team { get; init; }

    /// <summary>How the key begins.</summary>
    public required string Prefix { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required IReadOnlyList<string> Models { get; init; }

    public bool Disabled { get; init; }

    /// <summary>Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Unix seconds; null for never.</summary>
    public long? ExpiresAt { get; init; }

    public static KeyEntry Of(StoredKey row, string? secret = null) => new(KeyDraft.LimitsOf(row.Limits))
    {
        Id = row.Id,
        Key = secret,
        Name = row.Name,
        Team = row.Team,
        Prefix = row.Prefix,
        Scopes = row.Scopes.Split(' '),
        Models = row.Models.Split('\n'),
        Disabled = row.Disabled,
        CreatedAt = row.Created / 1_000,
        ExpiresAt = row.Expires / 1_000,
    };
}
