namespace Gateway.Engine.Measures;

/// <summary>How a request ended, for who counts them.</summary>
public enum EndReason
{
    /// <summary>By an end token, by its grammar, or because its reader had enough of it: a stop string.</summary>
    Stop,

    /// <summary>As long as it may be.</summary>
    Length,

    /// <summary>Its caller left.</summary>
    Abort,

    /// <summary>A step failed.</summary>
    Error,
}
