using System.Text.Json;
using Gateway.Admin;
using Gateway.Admin.Audit;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Keys.Stored;

/// <summary><c>/admin/v1/keys</c>.</summary>
internal static class KeysApi
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(366);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup(AdminDoor.Root + "/keys").Needs(Scopes.Admin);
        keys.MapGet("", ListAsync);
        keys.MapPost("", CreateAsync);
        keys.MapGet("/{id}", async (HttpContext http, string id, KeyStore store) => Entry(Found(await store.GetAsync(id, http.RequestAborted), id)));
        keys.MapPatch("/{id}", UpdateAsync);
        keys.MapPost("/{id}/rotate", RotateAsync);
        keys.MapDelete("/{id}", async (HttpContext http, string id, KeyStore store) => await store.DeleteAsync(id, Author.Of(http), http.RequestAborted)
            ? TypedResults.Json(new KeyDeleted(id), KeysJson.Default.KeyDeleted)
            : throw new ProblemException(Problems.NoSuchKey(id)));
    }

    private static async Task<IResult> ListAsync(HttpContext http, KeyStore store)
    {
        var (rows, more) = await store.ListAsync(KeyQuery.Read(http.Request.Query), http.RequestAborted);
        return TypedResults.Json(new KeyList([.. rows.Select(row => KeyEntry.Of(row))], more), KeysJson.Default.KeyList);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, KeyStore store, LiveSettings settings)
    {
        var draft = new KeyDraft();
        using (var body = await BodyAsync(http, settings)) KeyFields.Read(body.RootElement, draft);
        var (row, secret) = await store.CreateAsync(draft, Author.Of(http), http.RequestAborted);
        return Entry(row, secret, http);
    }

    private static async Task<IResult> UpdateAsync(HttpContext http, string id, KeyStore store, LiveSettings settings)
    {
        using var body = await BodyAsync(http, settings);
        return Entry(Found(await store.UpdateAsync(id, draft => KeyFields.Read(body.RootElement, draft), Author.Of(http), http.RequestAborted), id));
    }

    private static async Task<IResult> RotateAsync(HttpContext http, string id, KeyStore store, LiveSettings settings)
    {
        var grace = DefaultGrace;
        if (http.Request.ContentLength is not (null or 0) || http.Request.Headers.TransferEncoding.Count > 0)
        {
            using var body = await BodyAsync(http, settings);
            foreach (var field in body.RootElement.EnumerateObject())
                grace = field.Name == "grace" ? KeyFields.Duration("grace", field.Value, LongestGrace) : throw new ProblemException(Problems.UnknownParameter(field.Name));
        }

        var (row, secret) = await store.RotateAsync(id, grace, Author.Of(http), http.RequestAborted) ?? throw new ProblemException(Problems.NoSuchKey(id));
        return Entry(row, secret, http);
    }

    private static async Task<JsonDocument> BodyAsync(HttpContext http, LiveSettings settings) =>
        RequestJson.Parse((await RequestBody.ReadAsync(http.Request, settings.Current.Options.Limits.MaxRequestBodyBytes)).Bytes);

    private static StoredKey Found(StoredKey? row, string id) => row ?? throw new ProblemException(Problems.NoSuchKey(id));

    // An answer with a secret is for nobody's cache.
    private static JsonHttpResult<KeyEntry> Entry(StoredKey row, string secret, HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(KeyEntry.Of(row, secret), KeysJson.Default.KeyEntry);
    }

    private static JsonHttpResult<KeyEntry> Entry(StoredKey row) => TypedResults.Json(KeyEntry.Of(row), KeysJson.Default.KeyEntry);
}
