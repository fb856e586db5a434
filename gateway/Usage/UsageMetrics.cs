using System.Diagnostics.Metrics;
using Gateway.Telemetry;

namespace Gateway.Usage;

/// <summary>What became of rows.</summary>
internal sealed class UsageMetrics
{
    private readonly Counter<long> written;
    private readonly Counter<long> spilled;
    private readonly Counter<long> lost;
    private long lostSoFar;

    public UsageMetrics(IMeterFactory meters, MeterName name)
    {
        var meter = meters.Create(name.Value);
        written = meter.CreateCounter<long>("gateway.usage.rows.written", description: "Rows of usage that the database took, those of running calls each time.");
        spilled = meter.CreateCounter<long>("gateway.usage.rows.spilled", description: "Rows of usage that wait in a file, because the database did not take them.");
        lost = meter.CreateCounter<long>("gateway.usage.rows.lost", description: "Rows of usage that neither the database nor a file nor the memory took.");
    }

    /// <summary>Since the process began.</summary>
    public long LostSoFar => Interlocked.Read(ref lostSoFar);

    public void Written(int rows) => written.Add(rows);

    public void Spilled(int rows) => spilled.Add(rows);

    public void Lost(int rows)
    {
        if (rows == 0) return;
        Interlocked.Add(ref lostSoFar, rows);
        lost.Add(rows);
    }
}
