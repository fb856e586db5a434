namespace Gateway.Keys;

/// <summary>What a key opens.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Calls to models, and what is kept of them.</summary>
    Inference = 1,

    /// <summary>Files.</summary>
    Files = 2,

    /// <summary>Fine-tuning jobs.</summary>
    FineTuning = 4,

    /// <summary>The admin API, and every key's usage.</summary>
    Admin = 8,
}
