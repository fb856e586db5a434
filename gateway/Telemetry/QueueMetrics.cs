using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Gateway.Calls;
using Gateway.Policies;

namespace Gateway.Telemetry;

/// <summary>What limits do to calls: who is refused and by which bound, who waits and how long. Thread-safe.</summary>
internal sealed class QueueMetrics
{
    private const int MostPriorities = 32;

    private readonly MetricLabels labels;
    private readonly WaitingRoom room;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> waits;

    public QueueMetrics(IMeterFactory meters, MeterName name, MetricLabels labels, WaitingRoom room)
    {
        (this.labels, this.room) = (labels, room);
        var meter = meters.Create(name.Value);
        refusals = meter.CreateCounter<long>("gateway.refusals", description: "Calls that a limit refused, by the bound that they met.");
        waits = meter.CreateHistogram("gateway.queue.wait", "s", "How long calls waited for a place among those that run, by what came of it.", null, Buckets.Seconds);
        meter.CreateObservableGauge("gateway.queue.calls", Waiting, description: "Calls that wait for a place among those that run.");
    }

    /// <summary>A call is refused.</summary>
    /// <param name="call">Which.</param>
    /// <param name="bound">One of <see cref="RefusalWords"/>.</param>
    /// <param name="owner">Whose bound it is: <c>key</c>, <c>team</c> or <c>none</c>.</param>
    public void Refused(Call call, string bound, string owner)
    {
        var tags = new TagList { { "bound", bound }, { "owner", owner } };
        KeyLabels.Add(ref tags, call.Caller, call.Snapshot.Options, labels);
        refusals.Add(1, tags);
    }

    /// <summary>A call waits no longer.</summary>
    public void Waited(TimeSpan time, string result) => waits.Record(time.TotalSeconds, new TagList { { "result", result } });

    // Of priority 0 always: who alerts on a line needs to see that there is none.
    private IEnumerable<Measurement<long>> Waiting()
    {
        var lines = room.Waiting().GroupBy(static call => call.Priority).ToDictionary(static line => line.Key, static line => line.LongCount());
        lines.TryAdd(0, 0);
        var shown = lines.OrderByDescending(static line => line.Key == 0).ThenByDescending(static line => line.Key).ToList();
        foreach (var (priority, count) in shown.Take(MostPriorities)) yield return Of(priority.ToString(CultureInfo.InvariantCulture), count);
        if (shown.Count > MostPriorities) yield return Of(MetricLabels.Other, shown.Skip(MostPriorities).Sum(static line => line.Value));
    }

    private static Measurement<long> Of(string priority, long count) => new(count, KeyValuePair.Create("priority", (object?)priority));
}
