using System.Collections.Concurrent;
using Gateway.Configuration;

namespace Gateway.Routing;

/// <summary>Active probes of the upstreams that want them. One that fails takes its upstream out at once; one that succeeds lets a call try it.</summary>
public sealed class UpstreamProbes(LiveSettings live, TimeProvider time, ILogger<UpstreamProbes> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<RemoteUpstream, long> due = []; // never, while one is on its way
    private Dictionary<RemoteUpstream, List<Target>> probed = [];
    private GatewaySnapshot? seen;

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
        if (live.Current != seen) Look(seen = live.Current);
        var now = time.GetTimestamp();
        foreach (var (upstream, targets) in probed)
        {
            if (due.GetValueOrDefault(upstream) > now) continue;
            due[upstream] = long.MaxValue;
            _ = ProbeAsync(upstream, targets, stopping);
        }
    }

    private void Look(GatewaySnapshot snapshot)
    {
        probed = snapshot.Catalogue.All.SelectMany(model => model.Targets).Where(target => target.Upstream is RemoteUpstream { Origin.Options.Probe: not null })
            .GroupBy(target => (RemoteUpstream)target.Upstream).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var gone in due.Keys.Where(upstream => !probed.ContainsKey(upstream)).ToList()) due.TryRemove(gone, out _);
    }

    private async Task ProbeAsync(RemoteUpstream upstream, List<Target> targets, CancellationToken stopping)
    {
        var probe = upstream.Origin.Options.Probe!;
        using var limit = new CancellationTokenSource(probe.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        var up = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream.ProbeAddress) { Version = upstream.Http.Version, VersionPolicy = upstream.Http.Policy };
            upstream.Sign(request);
            using var answer = await upstream.Client.SendAsync(request, either.Token);
            up = (int)answer.StatusCode < 500;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            if (stopping.IsCancellationRequested) return;
        }
        finally
        {
            due.TryUpdate(upstream, time.GetTimestamp() + (long)(probe.Interval.TotalSeconds * time.TimestampFrequency), long.MaxValue);
        }

        if (up != upstream.IsUp) logger.LogWarning("The upstream {Upstream} is {State}", upstream.Name, up ? "up again" : "down: its probe failed");
        upstream.IsUp = up;
        if (up) foreach (var target in targets) target.Health.Found(time.GetTimestamp());
    }
}
