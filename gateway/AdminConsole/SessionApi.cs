using System.Text.Json;
using Gateway.Admin;
using Gateway.Admin.Docs;
using Gateway.Calls;
using Gateway.Errors;
using Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.AdminConsole;

/// <summary><c>/admin/v1/session</c>: how a browser signs in and out. It judges for itself who may.</summary>
internal static class SessionApi
{
    public const string Path = AdminDoor.Root + "/session";
    private const int MaxBytes = 16 * 1_024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ShowAsync).NeedsNoKey().WithTags("Console").WithSummary("Says whether this browser is signed in, and what its page sends with each change").Produces<SessionEntry>();
        routes.MapPost(Path, BeginAsync).NeedsNoKey().WithTags("Console").WithSummary("Signs in by a key that opens administration").TakesJson("""{"key":"sk-…"}""").Produces<SessionEntry>();
        routes.MapDelete(Path, EndAsync).NeedsNoKey().WithTags("Console").WithSummary("Signs out").Produces<SessionEntry>();
    }

    /// <summary>Whether a path is one of these.</summary>
    public static bool IsAt(PathString path) => path.Equals(Path, StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> ShowAsync(HttpContext http, Sessions sessions, AdminUrls urls) =>
        await sessions.FindAsync(http) is var (session, caller) ? Answer(http, SessionEntry.Of(session, caller, !urls.IsSet)) : Answer(http, SessionEntry.None(!await sessions.NeedsNoKeyAsync(http)));

    private static async Task<IResult> BeginAsync(HttpContext http, Sessions sessions, AdminUrls urls)
    {
        // Nobody is signed in as somebody else by a page elsewhere.
        if (http.Request.Headers.Origin.Count > 0 && !OwnPage.MayChange(http)) throw new ProblemException(Problems.NotFromThePage(Sessions.TokenHeader));
        string? key = null;
        using (var body = RequestJson.ParseStrictly((await RequestBody.ReadAsync(http.Request, MaxBytes)).Bytes))
        {
            foreach (var field in body.RootElement.EnumerateObject())
            {
                if (field.Name != "key") throw new ProblemException(Problems.UnknownParameter(Problems.Brief(field.Name)));
                key = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()!.Trim() : throw new ProblemException(Problems.WrongType("key", "a string", Problems.KindOf(field.Value)));
            }
        }

        var (session, caller) = await sessions.BeginAsync(http, key);
        return Answer(http, SessionEntry.Of(session, caller, !urls.IsSet));
    }

    private static async Task<IResult> EndAsync(HttpContext http, Sessions sessions)
    {
        if (await sessions.AdmitAsync(http) is null || await sessions.FindAsync(http) is not var (session, _)) throw new ProblemException(Problems.NoAdminKey());
        await sessions.EndAsync(http, session);
        return Answer(http, SessionEntry.None(!await sessions.NeedsNoKeyAsync(http)));
    }

    private static JsonHttpResult<SessionEntry> Answer(HttpContext http, SessionEntry entry)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Json(entry, SessionJson.Default.SessionEntry);
    }
}
