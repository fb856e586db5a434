using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>Tokens of an identity provider (OpenID Connect), in place of keys; with how much each subject may use.</summary>
public sealed record JwtOptions : CallerLimits
{
    /// <summary>The provider's address, under which its discovery document is.</summary>
    public string? Authority { get; init; }

    /// <summary>Whom a token must be for.</summary>
    public string? Audience { get; init; }

    /// <summary>Who must have made it; where absent, as the discovery document says.</summary>
    public string? Issuer { get; init; }

    /// <summary>The claim with the scopes, in one text or several; without one <see cref="Scopes"/> is for every token.</summary>
    public string? ScopesClaim { get; init; }

    /// <summary>What scopes of ours begin with in it, such as <c>gateway:</c>; others are somebody else's.</summary>
    public string ScopePrefix { get; init; } = "";

    /// <summary>The claim with the team.</summary>
    public string? TeamClaim { get; init; }

    /// <summary>The claim with names and patterns of models; without one <see cref="Models"/> is for every token.</summary>
    public string? ModelsClaim { get; init; }

    /// <summary>The claim that people know the subject by.</summary>
    public string NameClaim { get; init; } = "name";

    /// <summary>What a token opens where no claim says it.</summary>
    public List<string> Scopes { get; init; } = [ScopeNames.Inference];

    /// <summary>The models that a token may use where no claim says it.</summary>
    public List<string> Models { get; init; } = ["*"];
}
