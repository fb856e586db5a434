using Gateway.Models;
using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>Who calls, as one request sees it: taken once, and not changed under it by what happens to the key meanwhile.</summary>
public sealed record Caller
{
    /// <summary>Somebody without a key, where none is needed.</summary>
    public static Caller Anonymous { get; } = new() { Id = "anonymous", Name = "anonymous", Scopes = Scopes.Inference | Scopes.Files | Scopes.FineTuning };

    /// <summary>Whoever has the admin key.</summary>
    public static Caller Admin { get; } = new() { Id = "admin", Name = "admin", Scopes = Scopes.Admin };

    /// <summary>Somebody at this machine, where administration needs no key.</summary>
    public static Caller ThisMachine { get; } = new() { Id = "this-machine", Name = "this machine", Scopes = Scopes.Admin };

    /// <summary>Of the key; what usage and limits go by. Never the key itself.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is; null for nobody's in particular.</summary>
    public string? Team { get; init; }

    /// <summary>What it opens.</summary>
    public required Scopes Scopes { get; init; }

    /// <summary>Published names and patterns of the models that it may use.</summary>
    public string[] Models { get; init; } = ["*"];

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
            if (model == "*" || new NamePattern(model).Matches(published) || new NamePattern(model).Matches(asked)) return true;
        return false;
    }

    /// <summary>Whether a list of models shows it: it may be used by its published name, or by another.</summary>
    public bool Sees(PublishedModel model)
    {
        if (MayUse(model.Name, model.Name)) return true;
        foreach (var alias in model.Options.Aliases)
            if (MayUse(alias, alias)) return true;
        return false;
    }
}
