namespace Gateway.Worker.Hosting;

/// <summary>Bounds of a request, beyond those of the contract.</summary>
internal sealed record WorkerLimits
{
    public long MaxBodyBytes { get; init; } = 32 << 20;
}
