using Gateway.Admin.Docs;
using Gateway.Configuration;
using Gateway.Keys;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Routing;
using Microsoft.OpenApi;

namespace Gateway.Admin;

/// <summary><c>/admin/v1</c>. <see cref="AdminDoor"/> has let the caller in.</summary>
internal static class AdminApi
{
    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(AdminDoor.Root + "/upstreams", static async (HttpRequest request, LiveSettings live, CatalogueBuilder known, LocalWorkerPool workers, TimeProvider time, CancellationToken cancellation) =>
        {
            QueryFields.Only(request.Query);
            return TypedResults.Json(await UpstreamsAsync(live.Current, known, workers, time, cancellation), AdminJson.Default.UpstreamList);
        }).Needs(Scopes.Admin).WithTags("Upstreams").WithSummary("Lists upstreams: health, breakers, queues and latencies").Produces<UpstreamList>();
        routes.MapGet(AdminDoor.Root + "/queues", static (HttpRequest request, Queues queues) => TypedResults.Json(queues.Now(QueueRows(request.Query)), AdminJson.Default.QueueList))
            .Needs(Scopes.Admin).WithTags("Queues").WithSummary("Lists keys and teams whose calls run or wait now: how many, how long, and which bound holds them").Takes(("limit", JsonSchemaType.Integer, "Most keys and teams, from 1 to 1,000; 100 where absent.")).Produces<QueueList>();
    }

    private static int QueueRows(IQueryCollection query)
    {
        QueryFields.Only(query, "limit");
        return (int)(QueryFields.Number("limit", QueryFields.Text(query, "limit"), 1, 1_000) ?? 100);
    }

    // Those that no model uses are listed too.
    private static async Task<UpstreamList> UpstreamsAsync(GatewaySnapshot snapshot, CatalogueBuilder known, LocalWorkerPool workers, TimeProvider time, CancellationToken cancellation)
    {
        var targets = snapshot.Catalogue.All.SelectMany(static model => model.Targets.Select(target => (Model: model, Target: target))).ToLookup(static entry => entry.Target.Upstream);
        var all = known.Remotes.Values.Concat(targets.Select(static group => group.Key)).Distinct().OrderBy(static upstream => upstream.Name, StringComparer.Ordinal);
        return new UpstreamList(await Task.WhenAll(all.Select(upstream => StatusAsync(upstream, [.. targets[upstream].Select(entry => Status(entry.Model, entry.Target, time))], workers, cancellation))));
    }

    private static async Task<UpstreamStatus> StatusAsync(Upstream upstream, IReadOnlyList<TargetStatus> targets, LocalWorkerPool workers, CancellationToken cancellation)
    {
        var local = (upstream as LocalUpstream)?.Model;
        var worker = local is null ? null : workers.For(local);
        return new UpstreamStatus(
            upstream.Name, upstream is RemoteUpstream remote ? remote.Origin.Options.Kind : "local", upstream.IsUp, upstream.Calls, upstream.MaxConcurrent,
            local?.Name, worker?.Loaded, worker is null ? null : await worker.LoadAsync(cancellation), targets);
    }

    private static TargetStatus Status(PublishedModel model, Target target, TimeProvider time)
    {
        var (now, health, latency) = (time.GetTimestamp(), target.Health, target.Health.Latency);
        TimeSpan? wait = health.Wait(now).Wait is var left && left > TimeSpan.Zero ? left : null;
        return new TargetStatus(model.Name, target.Model, target.Order, target.Weight, health.State(now), Seconds(wait), wait is { } until ? Unix(time, until) : null, target.Work)
        {
            LatencyAverageMs = latency.Average > 0 ? Milliseconds(TimeSpan.FromSeconds(latency.Average)) : null,
            LatencyP50Ms = Milliseconds(latency.P50),
            LatencyP95Ms = Milliseconds(latency.P95),
            LastFailure = health.LastFailure is var (reason, detail, at) ? new FailureStatus(reason, detail, Unix(time, -time.GetElapsedTime(at, now))) : null,
        };
    }

    private static double Unix(TimeProvider time, TimeSpan from) => Math.Round((time.GetUtcNow() + from - DateTimeOffset.UnixEpoch).TotalSeconds, 3);

    private static double? Seconds(TimeSpan? span) => span is { } of ? Math.Round(of.TotalSeconds, 3) : null;

    private static double? Milliseconds(TimeSpan? span) => span is { } of ? Math.Round(of.TotalMilliseconds, 3) : null;
}
