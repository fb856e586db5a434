using System.Collections.Frozen;
using Gateway.Configuration;
using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>The keys of the settings, the admin key among them, by their hashes. Immutable; a reload makes new ones.</summary>
internal sealed class ConfiguredKeys(GatewayOptions options)
{
    private readonly FrozenDictionary<KeyHash, KnownKey> byHash = Known(options).ToFrozenDictionary();

    /// <summary>The settings that they come from.</summary>
    public GatewayOptions Options { get; } = options;

    /// <summary>Whether there are any, beside the admin key; tokens of an identity provider are keys too.</summary>
    public bool Any { get; } = options.Keys.Count > 0 || options.Jwt is not null;

    public KnownKey? Find(KeyHash hash) => byHash.GetValueOrDefault(hash);

    private static IEnumerable<KeyValuePair<KeyHash, KnownKey>> Known(GatewayOptions options)
    {
        if (options.AdminKey is { } admin) yield return new(KeyHash.Of(admin), new KnownKey(Caller.Admin, null));
        foreach (var key in options.Keys) yield return new(KeyHash.Of(key.Key), new KnownKey(CallerOf(key, options), key.Expires));
    }

    private static Caller CallerOf(KeyOptions key, GatewayOptions options) => new()
    {
        Id = key.Name!,
        Name = key.Name!,
        Team = key.Team,
        Scopes = ScopeNames.Parse(key.Scopes),
        Models = [.. key.Models],
        Limits = key.Only(),
        TeamLimits = key.Team is null ? CallerLimits.None : options.Teams.GetValueOrDefault(key.Team, CallerLimits.None),
    };
}
