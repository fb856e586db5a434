using Gateway.LocalWorkers;

namespace Gateway.Admin;

/// <summary>The answer of <c>GET /admin/v1/upstreams</c>.</summary>
internal sealed record UpstreamList(IReadOnlyList<UpstreamStatus> Data)
{
    public string Object { get; } = "list";
}

/// <summary>How an upstream stands. No address and no key.</summary>
/// <param name="Name">As <c>x-gateway-upstream</c> says it.</param>
/// <param name="Kind"><c>openai</c>, <c>azure</c> or <c>local</c>.</param>
/// <param name="Up">What its probe found last; true where none is made.</param>
/// <param name="Calls">Attempts that run now.</param>
/// <param name="MaxConcurrent">Most of them; null for no bound.</param>
/// <param name="Model">The local model that it serves.</param>
/// <param name="Loaded">Whether that is in memory.</param>
/// <param name="Load">Its worker's queue and cache; null where it is not loaded, and for upstreams elsewhere.</param>
/// <param name="Targets">For which published models it is asked.</param>
internal sealed record UpstreamStatus(string Name, string Kind, bool Up, int Calls, int? MaxConcurrent, string? Model, bool? Loaded, WorkerLoad? Load, IReadOnlyList<TargetStatus> Targets);

/// <summary>How an upstream stands as the target of one published model.</summary>
/// <param name="Model">The published name.</param>
/// <param name="ModelThere">Its name at the upstream; null for the name that the caller used.</param>
/// <param name="Order">Lower ones are asked first.</param>
/// <param name="Weight">Its share among those of the same order.</param>
/// <param name="Breaker"><c>closed</c>, <c>open</c>, <c>half-open</c> or <c>ejected</c>.</param>
/// <param name="AvailableInSeconds">How long it is not asked; null when it may be asked now.</param>
/// <param name="AvailableAt">The same as Unix seconds.</param>
/// <param name="OutstandingTokens">Of the attempts that run now.</param>
internal sealed record TargetStatus(
    string Model, string? ModelThere, int Order, double Weight, string Breaker, double? AvailableInSeconds, double? AvailableAt, long OutstandingTokens)
{
    /// <summary>To the first token or a plain answer's head; null before the first.</summary>
    public double? LatencyAverageMs { get; init; }

    /// <summary>Null while there are too few.</summary>
    public double? LatencyP50Ms { get; init; }

    /// <summary>Null while there are too few.</summary>
    public double? LatencyP95Ms { get; init; }

    /// <summary>What went wrong last; null while nothing did.</summary>
    public FailureStatus? LastFailure { get; init; }
}

/// <summary>An attempt that failed, or a limit.</summary>
/// <param name="Reason">As <c>gateway_attempts_total</c> says it: a word of a closed vocabulary, never what an upstream said.</param>
/// <param name="Detail">Why a connection did not come about, as the log says it; null for everything else.</param>
/// <param name="At">In Unix seconds.</param>
internal sealed record FailureStatus(string Reason, string? Detail, double At);
