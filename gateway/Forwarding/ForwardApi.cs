using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Models;
using Gateway.StoredCompletions;

namespace Gateway.Forwarding;

/// <summary>The routes whose calls go to a model.</summary>
public static class ForwardApi
{
    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/v1/tokenize", "/tokenize", "/v1/detokenize", "/detokenize", "/v1/chat/render", "/apply-template"])
            routes.MapPost(path, (HttpContext http, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options) => ForwardAsync(http, forwarder, catalogue, options, path, engine: null));

        routes.MapPost("/v1/chat/completions", (HttpContext http, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options, Recording recording) =>
            ForwardAsync(http, forwarder, catalogue, options, "/v1/chat/completions", engine: null, recording));

        foreach (var path in (string[])["/v1/completions", "/v1/embeddings", "/v1/rerank", "/v2/rerank", "/rerank", "/v1/classify", "/classify"])
            routes.MapPost(path, (HttpContext http, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options) => ForwardAsync(http, forwarder, catalogue, options, path, engine: null));

        // The API of 2022 had the model in the path.
        routes.MapPost("/v1/engines/{engine}/completions", (HttpContext http, string engine, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options) =>
            ForwardAsync(http, forwarder, catalogue, options, "/v1/completions", Uri.UnescapeDataString(engine).Replace('+', ' ')));
        routes.MapPost("/v1/engines/{engine}/embeddings", (HttpContext http, string engine, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options) =>
            ForwardAsync(http, forwarder, catalogue, options, "/v1/embeddings", Uri.UnescapeDataString(engine).Replace('+', ' ')));
    }

    private static async Task ForwardAsync(HttpContext http, Forwarder forwarder, ModelCatalogue catalogue, GatewayOptions options, string path, string? engine, Recording? recording = null)
    {
        var body = await RequestBody.ReadAsync(http.Request, options.Limits.MaxRequestBodyBytes);
        var name = engine ?? body.Model ?? throw new ProblemException(Problems.NoModel());
        var model = catalogue.Find(name) ?? throw new ProblemException(Problems.ModelNotFound(name));
        if (engine is not null || body.Model != model.Name) body = body.WithModel(model.Name);
        var recorder = recording?.Begin(http, model, body);
        await forwarder.ForwardAsync(http, model, recorder is null ? body : body.WithoutStoring(), path, recorder);
    }
}
