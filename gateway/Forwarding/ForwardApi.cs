using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Models;
using Gateway.Policies;
using Gateway.ResponseCache;
using Gateway.StoredCompletions;
using Gateway.Telemetry;
using Gateway.Usage;

namespace Gateway.Forwarding;

/// <summary>The routes whose calls go to a model.</summary>
internal sealed class ForwardApi(Forwarder forwarder, Admission admission, AnswerCache cache, Recording recording, UsageJournal usage, LiveSettings settings, Farewell farewell, GatewayMetrics metrics, TimeProvider time)
{
    private static readonly string[] Paths =
    [
        "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank", "/v2/rerank", "/rerank", "/v1/classify", "/classify",
        "/v1/tokenize", "/tokenize", "/v1/detokenize", "/detokenize", "/v1/chat/render", "/apply-template",
    ];

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        // Plain delegates: those with parameters to be found open a scope of services for each call.
        var api = routes.ServiceProvider.GetRequiredService<ForwardApi>();
        foreach (var path in Paths) routes.MapPost(path, http => api.ForwardAsync(http, path, engine: null)).WithMetadata(ModelRoute.Mark);

        // The API of 2022 had the model in the path.
        foreach (var surface in (string[])["completions", "embeddings"])
            routes.MapPost($"/v1/engines/{{engine}}/{surface}", http => api.ForwardAsync(http, "/v1/" + surface, PathName.Of(http, (string)http.Request.RouteValues["engine"]!, after: 1).Replace('+', ' '))).WithMetadata(ModelRoute.Mark);
    }

    /// <summary>A chat completion, whatever path it came by.</summary>
    public Task ChatAsync(HttpContext http) => ForwardAsync(http, "/v1/chat/completions", engine: null);

    private async Task ForwardAsync(HttpContext http, string path, string? engine)
    {
        var began = time.GetTimestamp();
        var snapshot = settings.Current;
        PublishedModel? model = null;
        Call? call = null;
        Hold? hold;
        try
        {
            var body = await BodyAsync(http, snapshot.Options.Limits.MaxRequestBodyBytes, mayStream: path is "/v1/chat/completions" or "/v1/completions");
            var name = engine ?? (body.Model is { Length: > 0 } said ? said : null) ?? throw new ProblemException(Problems.NoModel());
            model = snapshot.Catalogue.Find(name) ?? throw new ProblemException(Problems.ModelNotFound(name));
            var caller = Caller.Of(http);
            if (!caller.MayUse(model.Name, name)) throw new ProblemException(Problems.ModelNotAllowed(name));
            call = new Call
            {
                Id = Identifiers.New(time.GetUtcNow()),
                Http = http,
                RequestId = http.TraceIdentifier,
                Caller = caller,
                Body = body,
                Path = path,
                Model = model,
                Answering = model,
                AnsweringName = model.IsPattern ? name : model.Name,
                AskedName = name,
                Snapshot = snapshot,
                Farewell = farewell.Said,
                Time = time,
                Began = began,
                Deadline = ClientDeadline.Of(http.Request.Headers, began, time),
                Prefix = model.Options.Routing == "prefix" ? ConversationPrefix.Of(body) : 0,
            };
            if (path == "/v1/chat/completions") call.Observer = recording.Begin(http, call.AnsweringName, body);
            hold = await admission.AdmitAsync(call);
        }
        catch (ProblemException refused)
        {
            metrics.Refused(model, Caller.Of(http), snapshot.Options, refused.Problem);
            if (call is not null)
            {
                usage.End(call, null, Settlement.Of(call), CallOutcomes.Of(refused.Problem));
                AnswerHeaders.Mark(call, upstream: null);
            }

            throw;
        }
        catch (OperationCanceledException) when (call is not null)
        {
            usage.End(call, null, Settlement.Of(call), CallOutcomes.Left); // while it waited for a place
            throw;
        }

        var begun = usage.Begin(call);
        try
        {
            using var cached = await cache.LookAsync(call);
            if (cached is { Found: not null })
            {
                metrics.Cached(call);
                await cached.AnswerAsync();
                (call.Upstream, call.Ended) = (AnswerCache.Upstream, (CallOutcomes.Cached, 200));
                return;
            }

            cached?.Watch();
            await forwarder.ForwardAsync(call);
        }
        catch (ProblemException refused)
        {
            call.Ended ??= CallOutcomes.Of(refused.Problem);
            throw;
        }
        finally
        {
            var used = Settlement.Of(call);
            if (hold is not null) admission.Settle(hold, used);
            usage.End(call, begun, used, call.Ended ?? CallOutcomes.Of(call, null));
        }
    }

    // A program that stops begins no call, and waits for the rest of a body for a moment.
    private async Task<RequestBody> BodyAsync(HttpContext http, long limit, bool mayStream)
    {
        if (farewell.HasBegun) throw new ProblemException(Problems.Stopping());
        await using var told = farewell.Closing.UnsafeRegister(static http => ((HttpContext)http!).Request.BodyReader.CancelPendingRead(), http);
        try
        {
            return await RequestBody.ReadAsync(http.Request, limit, mayStream);
        }
        catch (OperationCanceledException) when (farewell.Closing.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problems.Stopping());
        }
    }
}
