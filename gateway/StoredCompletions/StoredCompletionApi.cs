using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.StoredCompletions;

/// <summary>The routes of chat completions that are kept.</summary>
internal static class StoredCompletionApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var stored = routes.MapGroup("/v1/chat/completions");
        stored.MapGet("", ListAsync);
        stored.MapGet("/{id}", async (HttpContext http, string id, CompletionStore store) => Object(Found(await store.FindAsync(Caller.Of(http).Id, id, http.RequestAborted), id)));
        stored.MapPost("/{id}", UpdateAsync);
        stored.MapDelete("/{id}", async (HttpContext http, string id, CompletionStore store) => await store.DeleteAsync(Caller.Of(http).Id, id, http.RequestAborted)
            ? Json(json => Deleted(json, id))
            : throw new ProblemException(Problems.NoSuchCompletion(id)));
        stored.MapGet("/{id}/messages", async (HttpContext http, string id, CompletionStore store) =>
        {
            var query = ListQuery.Read(http.Request.Query);
            return Messages(StoredJson.Messages(Found(await store.FindAsync(Caller.Of(http).Id, id, http.RequestAborted), id)), query);
        });
    }

    private static async Task<IResult> ListAsync(HttpContext http, CompletionStore store, LiveSettings settings)
    {
        var query = ListQuery.Read(http.Request.Query);
        // An alias stands for the model that it names today.
        var models = query.Model is { } model ? (string[])[model, .. settings.Current.Catalogue.Find(model) is { } published ? [published.Name] : Array.Empty<string>()] : null;
        var (rows, more) = await store.ListAsync(Caller.Of(http).Id, query, models, http.RequestAborted);
        return Json(json => Page(json, [.. rows.Select(row => row.Id)], more, i => StoredJson.Write(json, rows[i])));
    }

    private static async Task<IResult> UpdateAsync(HttpContext http, string id, CompletionStore store, GatewayOptions options)
    {
        var body = await RequestBody.ReadAsync(http.Request, options.Limits.MaxRequestBodyBytes);
        using var request = RequestJson.Parse(body.Bytes);
        if (!request.RootElement.TryGetProperty("metadata"u8, out var metadata)) throw new ProblemException(Problems.Missing("metadata"));
        return Object(Found(await store.UpdateAsync(Caller.Of(http).Id, id, MetadataRules.Read(metadata), http.RequestAborted), id));
    }

    private static FileContentHttpResult Messages(List<JsonObject> messages, ListQuery query)
    {
        if (query.Descending) messages.Reverse();
        if (query.After is { } after)
        {
            var at = messages.FindIndex(message => (string?)message["id"] == after);
            if (at < 0) throw new ProblemException(Problems.NoSuchEntry(after));
            messages.RemoveRange(0, at + 1);
        }

        var page = messages.Take(query.Limit).ToList();
        return Json(json => Page(json, [.. page.Select(message => (string)message["id"]!)], messages.Count > page.Count, i => page[i].WriteTo(json)));
    }

    private static StoredCompletion Found(StoredCompletion? row, string id) => row ?? throw new ProblemException(Problems.NoSuchCompletion(id));

    private static FileContentHttpResult Object(StoredCompletion row) => Json(json => StoredJson.Write(json, row));

    private static FileContentHttpResult Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, StoredJson.Writing)) write(json);
        return TypedResults.Bytes(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), "application/json");
    }

    private static void Page(Utf8JsonWriter json, List<string> ids, bool more, Action<int> writeEntry)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var i = 0; i < ids.Count; i++) writeEntry(i);
        json.WriteEndArray();
        json.WriteString("first_id"u8, ids.FirstOrDefault());
        json.WriteString("last_id"u8, ids.LastOrDefault());
        json.WriteBoolean("has_more"u8, more);
        json.WriteEndObject();
    }

    private static void Deleted(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "chat.completion.deleted"u8);
        json.WriteString("id"u8, id);
        json.WriteBoolean("deleted"u8, true);
        json.WriteEndObject();
    }
}
