namespace Gateway.LocalWorkers;

/// <summary>Keeps a worker from being unloaded while a call runs.</summary>
public sealed class WorkerLease : IDisposable
{
    private readonly LocalWorker owner;
    private readonly IWorkerProcess process;
    private int released;

    /// <summary>Has the worker's pulse felt from here on.</summary>
    internal WorkerLease(LocalWorker owner, IWorkerProcess process)
    {
        (this.owner, this.process) = (owner, process);
        owner.Pulse.Begin();
    }

    /// <summary>Reaches the worker.</summary>
    public HttpMessageInvoker Http => process.Http;

    /// <summary>Whether the worker gets on.</summary>
    public WorkerPulse Pulse => owner.Pulse;

    /// <summary>Ends the worker and starts another, where it is stuck.</summary>
    /// <param name="bound">Most time that a step of it takes.</param>
    public void GiveUpIfStuck(TimeSpan bound)
    {
        if (Pulse.IsStuck(bound)) owner.GiveUp(process);
    }

    /// <summary>Gives the lease back; a second time does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref released, 1) != 0) return;
        owner.Pulse.End();
        owner.Release();
    }
}
