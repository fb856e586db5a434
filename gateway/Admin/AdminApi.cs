using Gateway.Configuration;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Routing;

namespace Gateway.Admin;

/// <summary><c>/admin/v1</c>. <see cref="AdminDoor"/> has let the caller in.</summary>
internal static class AdminApi
{
    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(AdminDoor.Root + "/upstreams", static async (LiveSettings live, CatalogueBuilder known, LocalWorkerPool workers, TimeProvider time, CancellationToken cancellation) =>
            TypedResults.Json(await UpstreamsAsync(live.Current, known, workers, time, cancellation), AdminJson.Default.UpstreamList));

    // Those that no model uses are listed too.
    private static async Task<UpstreamList> UpstreamsAsync(GatewaySnapshot snapshot, CatalogueBuilder known, LocalWorkerPool workers, TimeProvider time, CancellationToken cancellation)
    {
        var targets = snapshot.Catalogue.All.SelectMany(static model => model.Targets.Select(target => (Model: model, Target: target))).ToLookup(static entry => entry.Target.Upstream);
        var all = known.Remotes.Values.Concat(targets.Select(static group => group.Key)).Distinct().OrderBy(static upstream => upstream.Name, StringComparer.Ordinal);
        var now = time.GetTimestamp();
        return new UpstreamList(await Task.WhenAll(all.Select(upstream => StatusAsync(upstream, [.. targets[upstream].Select(entry => Status(entry.Model, entry.Target, now))], workers, cancellation))));
    }

    private static async Task<UpstreamStatus> StatusAsync(Upstream upstream, IReadOnlyList<TargetStatus> targets, LocalWorkerPool workers, CancellationToken cancellation)
    {
        var local = (upstream as LocalUpstream)?.Model;
        var worker = local is null ? null : workers.For(local);
        return new UpstreamStatus(
            upstream.Name, upstream is RemoteUpstream remote ? remote.Origin.Options.Kind : "local", upstream.IsUp, upstream.Calls, upstream.MaxConcurrent,
            local?.Name, worker?.Loaded, worker is null ? null : await worker.LoadAsync(cancellation), targets);
    }

    private static TargetStatus Status(PublishedModel model, Target target, long now)
    {
        var (health, wait) = (target.Health, target.Health.Wait(now).Wait);
        return new TargetStatus(
            model.Name, target.Model, target.Order, target.Weight, health.State(now), wait > TimeSpan.Zero ? Math.Round(wait.TotalSeconds, 3) : null, target.Work,
            health.Latency.Average is > 0 and var average ? Math.Round(average * 1_000, 3) : null, health.Latency.P95 is { } p95 ? Math.Round(p95.TotalMilliseconds, 3) : null);
    }
}
