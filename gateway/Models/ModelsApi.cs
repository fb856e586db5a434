using Gateway.Errors;
using Gateway.Protocol;
using Gateway.Protocol.Models;

namespace Gateway.Models;

/// <summary><c>/v1/models</c>, and <c>/v1/engines</c> as it was called in 2022.</summary>
public static class ModelsApi
{
    private const string Owner = "gateway";

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (ModelCatalogue catalogue) => TypedResults.Json(new ModelList([.. catalogue.Models.Select(Entry)]), ProtocolJson.Wire.ModelList));
        routes.MapGet("/v1/models/{**id}", (string id, ModelCatalogue catalogue) =>
            catalogue.Find(Uri.UnescapeDataString(id)) is { } model ? (IResult)TypedResults.Json(Entry(model), ProtocolJson.Wire.Model) : Problems.ModelNotFoundHere(id));
        routes.MapGet("/v1/engines", (ModelCatalogue catalogue) => TypedResults.Json(new EngineList([.. catalogue.Models.Select(Engine)]), ProtocolJson.Wire.EngineList));
        routes.MapGet("/v1/engines/{**id}", (string id, ModelCatalogue catalogue) =>
            catalogue.Find(Uri.UnescapeDataString(id.Replace('+', ' '))) is { } model ? (IResult)TypedResults.Json(Engine(model), ProtocolJson.Wire.EngineEntry) : Problems.ModelNotFoundHere(id));
    }

    private static Model Entry(PublishedModel model) => new(model.Name, model.Created, Owner) { ContextLength = model.Context, MaxModelLen = model.Context };

    private static EngineEntry Engine(PublishedModel model) => new(model.Name, Owner, true, model.Created);
}
