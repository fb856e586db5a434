using Gateway.Configuration;
using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>A key that stands in the settings, with how much it may use.</summary>
public sealed record KeyOptions : CallerLimits
{
    /// <summary>What people and usage call it; one of a kind.</summary>
    public string? Name { get; init; }

    /// <summary>The key itself.</summary>
    [Secret]
    public string? Key { get; init; }

    /// <summary>Whose it is.</summary>
    public string? Team { get; init; }

    /// <summary>What it opens: <c>inference</c>, <c>files</c>, <c>fine-tuning</c>, <c>admin</c>.</summary>
    public List<string> Scopes { get; init; } = [ScopeNames.Inference];

    /// <summary>Names and patterns of the models that it may use.</summary>
    public List<string> Models { get; init; } = ["*"];

    /// <summary>From then on it opens nothing; UTC where no offset is written.</summary>
    public DateTimeOffset? Expires { get; init; }
}
