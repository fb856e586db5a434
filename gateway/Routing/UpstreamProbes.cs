using Gateway.Configuration;

namespace Gateway.Routing;

/// <summary>Active probes of the upstreams that want them. One that fails takes its upstream out at once; one that succeeds lets a call try it.</summary>
public sealed class UpstreamProbes(LiveSettings live, TimeProvider time, ILogger<UpstreamProbes> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly Dictionary<RemoteUpstream, long> due = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Begin(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    // Probes run beside each other; the next of one upstream is due an interval after this one's end.
    private void Begin(CancellationToken stopping)
    {
        var snapshot = live.Current;
        if (!snapshot.Options.Upstreams.Values.Any(upstream => upstream.Probe is not null))
        {
            due.Clear();
            return;
        }

        var now = time.GetTimestamp();
        var probed = snapshot.Catalogue.All.SelectMany(model => model.Targets).Where(target => target.Upstream is RemoteUpstream { Origin.Options.Probe: not null })
            .GroupBy(target => (RemoteUpstream)target.Upstream).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var gone in due.Keys.Where(upstream => !probed.ContainsKey(upstream)).ToList()) due.Remove(gone);
        foreach (var (upstream, targets) in probed)
        {
            if (due.TryGetValue(upstream, out var at) && at > now) continue;
            due[upstream] = now + (long)((upstream.Origin.Options.Probe!.Interval + upstream.Origin.Options.Probe.Timeout).TotalSeconds * time.TimestampFrequency);
            _ = ProbeAsync(upstream, targets, stopping);
        }
    }

    private async Task ProbeAsync(RemoteUpstream upstream, List<Target> targets, CancellationToken stopping)
    {
        var probe = upstream.Origin.Options.Probe!;
        using var limit = new CancellationTokenSource(probe.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        var up = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream.ProbeAddress);
            upstream.Sign(request);
            using var answer = await upstream.Client.SendAsync(request, either.Token);
            up = (int)answer.StatusCode < 500;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            if (stopping.IsCancellationRequested) return;
        }

        if (up != upstream.IsUp) logger.LogWarning("The upstream {Upstream} is {State}", upstream.Name, up ? "up again" : "down: its probe failed");
        upstream.IsUp = up;
        if (up) foreach (var target in targets) target.Health.Found(time.GetTimestamp());
    }
}
