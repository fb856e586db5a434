using System.Globalization;
using System.Text.Json;
using Gateway.Admin.Docs;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Admin.Audit;

/// <summary><c>GET /admin/v1/audit</c>: who changed what, newest first.</summary>
internal static class AuditApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(AdminDoor.Root + "/audit", ListAsync).Needs(Scopes.Admin)
        .WithTags("Audit").WithSummary("Lists changes and who made them").TakesPages("who", "what", "target").Produces<AuditList>();

    private static async Task<IResult> ListAsync(HttpContext http, Database database)
    {
        var (query, cancellation) = (http.Request.Query, http.RequestAborted);
        QueryFields.Only(query, "after", "limit", "order", "who", "what", "target");
        var (limit, descending) = (QueryFields.Limit(query), QueryFields.Descending(query));
        var after = QueryFields.Text(query, "after") is not { } text ? (long?)null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ProblemException(Problems.NoSuchEntry(Problems.Brief(text)));
        var (who, what, target) = (QueryFields.Text(query, "who"), QueryFields.Text(query, "what"), QueryFields.Text(query, "target"));
        var rows = !database.MayHoldSomething ? [] : await database.UseAsync(db =>
        {
            var all = db.Audit.AsNoTracking();
            if (who is not null) all = all.Where(row => row.Who == who);
            if (what is not null) all = all.Where(row => row.What == what);
            if (target is not null) all = all.Where(row => row.Target == target);
            if (after is not null) all = descending ? all.Where(row => row.Number < after) : all.Where(row => row.Number > after);
            return (descending ? all.OrderByDescending(row => row.Number) : all.OrderBy(row => row.Number)).Take(limit + 1).ToListAsync(cancellation);
        }, cancellation);
        var page = rows.Take(limit).Select(Entry).ToList();
        return TypedResults.Json(new AuditList(page, rows.Count > limit), AdminJson.Default.AuditList);
    }

    private static AuditItem Entry(AuditEntry row) => new(
        row.Number.ToString(CultureInfo.InvariantCulture), row.At / 1_000, row.Who, row.What, row.Target, row.Address, row.RequestId, Parsed(row.Before), Parsed(row.After));

    private static JsonElement? Parsed(string? json) => json is null ? null : JsonElement.Parse(json);
}
