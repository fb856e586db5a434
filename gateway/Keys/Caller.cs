using Gateway.Models;
using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>Who calls, as one request sees it: taken once, and not changed under it by what happens to the key meanwhile.</summary>
public sealed record Caller
{
    /// <summary>Somebody without a key, where none is needed.</summary>
    public static Caller Anonymous { get; } = new() { Id = "anonymous", Name = "anonymous", Scopes = Scopes.Inference | Scopes.Files | Scopes.FineTuning };

    /// <summary>Of the key; what usage and limits go by. Never the key itself.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is; null for nobody's in particular.</summary>
    public string? Team { get; init; }

    /// <summary>What it opens.</summary>
    public required Scopes Scopes { get; init; }

    /// <summary>Published names and patterns of the models that it may use.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["*"];

    /// <summary>How much it may use.</summary>
    public CallerLimits Limits { get; init; } = CallerLimits.None;

    /// <summary>How much all of its team may use together.</summary>
    public CallerLimits TeamLimits { get; init; } = CallerLimits.None;

    /// <summary>Who sent a request; anonymous where nobody asked.</summary>
    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Anonymous;

    /// <summary>Whether it may use a model, by its published name and the name that it asked for.</summary>
    public bool MayUse(string published, string asked)
    {
        foreach (var model in Models)
            if (model == "*" || model == published || model == asked || new NamePattern(model).Matches(asked) || new NamePattern(model).Matches(published)) return true;
        return false;
    }
}
