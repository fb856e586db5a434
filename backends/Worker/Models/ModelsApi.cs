using System.Text.Json;
using Gateway.Worker.Errors;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Models;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>; an id may contain <c>/</c>.</summary>
internal static class ModelsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (HttpContext http, ModelSlot slot) => Answer.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteStartArray("data"u8);
            if (slot.Loaded is { } model) Write(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        routes.MapGet("/v1/models/{**id}", (HttpContext http, ModelSlot slot, string id) =>
        {
            var model = slot.Served;
            if (Uri.UnescapeDataString(id) != model.Name) throw Problems.UnknownModel(id);
            return Answer.JsonAsync(http, json => Write(json, model));
        });
    }

    private static void Write(Utf8JsonWriter json, IServedModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, model.Name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.Created);
        json.WriteString("owned_by"u8, "local"u8);
        json.WriteEndObject();
    }
}
