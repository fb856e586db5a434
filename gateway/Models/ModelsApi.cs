using Gateway.Calls;
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
    private static readonly string[] Reading = ["GET", "HEAD"]; // monitors ask without wanting the answer

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1/models", Reading, List);
        routes.MapMethods("/v1/models/{**id}", Reading, (HttpContext http, string id, LiveSettings settings) =>
        {
            var name = PathName.Of(http, id);
            return TypedResults.Json(Entry(Found(http, settings, name), name), ProtocolJson.Wire.Model);
        });
        routes.MapMethods("/v1/engines", Reading, (HttpContext http, LiveSettings settings) => TypedResults.Json(new EngineList([.. Seen(http, settings).Select(Engine)]), ProtocolJson.Wire.EngineList));
        routes.MapMethods("/v1/engines/{**id}", Reading, (HttpContext http, string id, LiveSettings settings) =>
            TypedResults.Json(Engine(Found(http, settings, PathName.Of(http, id).Replace('+', ' '))), ProtocolJson.Wire.EngineEntry));
    }

    /// <summary>What the caller may use.</summary>
    internal static IResult List(HttpContext http, LiveSettings settings) => TypedResults.Json(new ModelList([.. Seen(http, settings).Select(static model => Entry(model))]), ProtocolJson.Wire.ModelList);

    // What a key may not use it does not see.
    private static IEnumerable<PublishedModel> Seen(HttpContext http, LiveSettings settings) => settings.Current.Catalogue.Models.Where(Caller.Of(http).Sees);

    private static PublishedModel Found(HttpContext http, LiveSettings settings, string id) =>
        settings.Current.Catalogue.Find(id) is { } model && Caller.Of(http).MayUse(model.Name, id) ? model : throw new ProblemException(Problems.ModelNotFoundHere(id));

    // A pattern's models have the names that they are asked for by.
    private static Model Entry(PublishedModel model, string? asked = null) => new(model.IsPattern ? asked! : model.Name, model.Created, Owner) { ContextLength = model.Context, MaxModelLen = model.Context };

    private static EngineEntry Engine(PublishedModel model) => new(model.Name, Owner, true, model.Created);
}
