using System.Text.Json;
using Gateway.Admin;
using Gateway.Admin.Audit;
using Gateway.Admin.Docs;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Keys.Stored;

/// <summary><c>/admin/v1/keys</c>.</summary>
internal static class KeysApi
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);
    public static readonly TimeSpan LongestGrace = TimeSpan.FromDays(366);

    private const string Example = """
        {"name":"team-a","team":"red","scopes":["inference"],"models":["*"],"expires_at":1830297600,"disabled":false,"requests_per_minute":60,"requests_per_day":10000,"tokens_per_minute":100000,"tokens_per_day":1000000,"max_concurrent":8,"queue_timeout":5,"priority":0,"budget_per_day":2.5,"budget_per_month":20}
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup(AdminDoor.Root + "/keys").Needs(Scopes.Admin);
        keys.WithTags("Keys");
        keys.MapGet("", ListAsync).WithSummary("Lists keys").TakesPages("team", "name").Produces<KeyList>();
        keys.MapPost("", CreateAsync).WithSummary("Makes a key, which is in the answer this once").TakesJson(Example).Produces<KeyEntry>();
        keys.MapGet("/{id}", async (HttpContext http, string id, KeyStore store) => Entry(Found(await store.GetAsync(id, http.RequestAborted), id))).WithSummary("Shows a key, without the key itself").Produces<KeyEntry>();
        keys.MapPatch("/{id}", UpdateAsync).WithSummary("Changes a key: what is not named stays, null takes a limit away").TakesJson(Example).Produces<KeyEntry>();
        keys.MapPost("/{id}/rotate", RotateAsync).WithSummary("Makes another secret; the one before goes on for the grace, an hour where absent").TakesJson("""{"grace":3600}""", required: false).Produces<KeyEntry>();
        keys.MapDelete("/{id}", async (HttpContext http, string id, KeyStore store) => await store.DeleteAsync(id, Author.Of(http), http.RequestAborted)
            ? TypedResults.Json(new KeyDeleted(id), KeysJson.Default.KeyDeleted)
            : throw new ProblemException(Problems.NoSuchKey(id))).WithSummary("Deletes a key, which opens nothing from then on").Produces<KeyDeleted>();
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
        RequestJson.ParseStrictly((await RequestBody.ReadAsync(http.Request, settings.Current.Options.Limits.MaxRequestBodyBytes)).Bytes);

    private static StoredKey Found(StoredKey? row, string id) => row ?? throw new ProblemException(Problems.NoSuchKey(id));

    // An answer with a secret is for nobody's cache.
    private static JsonHttpResult<KeyEntry> Entry(StoredKey row, string secret, HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(KeyEntry.Of(row, secret), KeysJson.Default.KeyEntry);
    }

    private static JsonHttpResult<KeyEntry> Entry(StoredKey row) => TypedResults.Json(KeyEntry.Of(row), KeysJson.Default.KeyEntry);
}
