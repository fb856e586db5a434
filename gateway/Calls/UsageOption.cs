namespace Gateway.Calls;

/// <summary>What a target gets of the option that asks for usage at the end of a stream.</summary>
internal enum UsageOption
{
    /// <summary>What the client sent.</summary>
    Passed,

    /// <summary>It is asked for on the gateway's own account.</summary>
    Added,

    /// <summary>Nothing: the target does not know it.</summary>
    Removed,
}
