using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;
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
        routes.MapGet("/v1/models", List);
        routes.MapGet("/v1/models/{**id}", (HttpContext http, string id, LiveSettings settings) =>
            Find(http, settings, Uri.UnescapeDataString(id)) is { } model ? (IResult)TypedResults.Json(Entry(model, Uri.UnescapeDataString(id)), ProtocolJson.Wire.Model) : Problems.ModelNotFoundHere(id));
        routes.MapGet("/v1/engines", (HttpContext http, LiveSettings settings) => TypedResults.Json(new EngineList([.. Seen(http, settings).Select(Engine)]), ProtocolJson.Wire.EngineList));
        routes.MapGet("/v1/engines/{**id}", (HttpContext http, string id, LiveSettings settings) =>
            Find(http, settings, Uri.UnescapeDataString(id.Replace('+', ' '))) is { } model ? (IResult)TypedResults.Json(Engine(model), ProtocolJson.Wire.EngineEntry) : Problems.ModelNotFoundHere(id));
    }

    /// <summary>What the caller may use.</summary>
    internal static IResult List(HttpContext http, LiveSettings settings) => TypedResults.Json(new ModelList([.. Seen(http, settings).Select(static model => Entry(model))]), ProtocolJson.Wire.ModelList);

    // What a key may not use it does not see.
    private static IEnumerable<PublishedModel> Seen(HttpContext http, LiveSettings settings) => settings.Current.Catalogue.Models.Where(Caller.Of(http).Sees);

    private static PublishedModel? Find(HttpContext http, LiveSettings settings, string id) =>
        settings.Current.Catalogue.Find(id) is { } model && Caller.Of(http).MayUse(model.Name, id) ? model : null;

    // A pattern's models have the names that they are asked for by.
    private static Model Entry(PublishedModel model, string? asked = null) => new(model.IsPattern ? asked! : model.Name, model.Created, Owner) { ContextLength = model.Context, MaxModelLen = model.Context };

    private static EngineEntry Engine(PublishedModel model) => new(model.Name, Owner, true, model.Created);
}
