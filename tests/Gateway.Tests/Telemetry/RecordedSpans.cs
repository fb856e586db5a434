using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gateway.Tests.Telemetry;

/// <summary>Keeps every span of the gateway that ended under one trace; spans of other tests are others'.</summary>
internal sealed class RecordedSpans : IDisposable
{
    private readonly ActivityListener listener;
    private readonly ConcurrentQueue<Activity> ended = new();

    public RecordedSpans()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Gateway",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => { if (span.TraceId == Trace) ended.Enqueue(span); },
        };
        ActivitySource.AddActivityListener(listener);
    }

    public ActivityTraceId Trace { get; } = ActivityTraceId.CreateRandom();

    public ActivitySpanId Parent { get; } = ActivitySpanId.CreateRandom();

    /// <summary>What the client says.</summary>
    public string TraceParent => $"00-{Trace}-{Parent}-01";

    /// <summary>As many as there are to come, by the order of their ends.</summary>
    public async Task<List<Activity>> EndedAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (ended.Count < count && !limit.IsCancellationRequested) await Task.Yield();
        return [.. ended];
    }

    public void Dispose() => listener.Dispose();
}
