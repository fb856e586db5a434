using System.Globalization;
using System.Text.Json;
using Gateway.Admin;
using Gateway.Admin.Docs;
using Gateway.Errors;
using Gateway.Keys;
using Microsoft.OpenApi;

namespace Gateway.Usage.Reading;

/// <summary><c>GET /admin/v1/usage</c>: rows, or their sums.</summary>
internal static class UsageApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private static readonly string[] Parameters = ["key", "team", "model", "upstream", "outcome", "from", "to", "group_by", "limit", "after", "page"];

    // In UTC; whole milliseconds divide to whole days in both databases.
    private static readonly Dictionary<string, string> Groups = new(StringComparer.Ordinal)
    {
        ["key"] = "key_id",
        ["team"] = "team",
        ["model"] = "model",
        ["upstream"] = "upstream",
        ["day"] = "began / 86400000 * 86400",
        ["hour"] = "began / 3600000 * 3600",
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(AdminDoor.Root + "/usage", AnswerAsync).WithTags("Usage").WithSummary("Lists what calls used, the newest first, or sums it").Needs(Scopes.Admin).Takes(
        ("key", JsonSchemaType.String, "The id of a key; more than once for several, as the next four."), ("team", JsonSchemaType.String, "A team."), ("model", JsonSchemaType.String, "A model as it was asked for."), ("upstream", JsonSchemaType.String, "Who answered."),
        ("outcome", JsonSchemaType.String, $"One of {string.Join(", ", UsageOutcomes.All)}."), ("from", JsonSchemaType.Integer, "The first moment, in Unix seconds."), ("to", JsonSchemaType.Integer, "The first moment after it."),
        ("group_by", JsonSchemaType.String, $"Sums in place of rows, by {string.Join(", ", Groups.Keys)}; more than once for several together."), ("limit", JsonSchemaType.Integer, $"Entries of a page, from 1 to {MaxLimit}; {DefaultLimit} where absent."),
        ("after", JsonSchemaType.String, "The last_id of the page of rows before."), ("page", JsonSchemaType.Integer, "The next_page of the page of sums before."));

    private static async Task AnswerAsync(HttpContext http, UsageReader reader)
    {
        var query = http.Request.Query;
        QueryText.Only(query, Parameters);
        var groups = QueryText.OneOf(query, "group_by", [.. Groups.Keys]);
        var limit = (int)(QueryText.Number(query, "limit", 1, MaxLimit) ?? DefaultLimit);
        var filter = FilterOf(query);
        if (groups.Count > 0) await SumsAsync(http, reader, filter, groups, limit);
        else await RowsAsync(http, reader, filter, limit);
    }

    private static Filter FilterOf(IQueryCollection query)
    {
        var (from, to) = (QueryText.Time(query, "from"), QueryText.Time(query, "to"));
        if (to <= from) throw new ProblemException(Problems.Invalid("to", "it must be later than 'from'."));
        return new Filter()
            .In("key_id", QueryText.Values(query, "key")).In("team", QueryText.Values(query, "team")).In("model", QueryText.Values(query, "model")).In("upstream", QueryText.Values(query, "upstream"))
            .In("outcome", QueryText.OneOf(query, "outcome", UsageOutcomes.All)).Between(from * 1_000, to * 1_000);
    }

    private static async Task RowsAsync(HttpContext http, UsageReader reader, Filter filter, int limit)
    {
        var query = http.Request.Query;
        if (QueryText.Text(query, "page") is not null) throw new ProblemException(Problems.Invalid("page", "rows are paged by 'after'; 'page' goes with 'group_by'."));
        if (QueryText.Text(query, "after") is { } after)
        {
            if (!Guid.TryParseExact(after, "N", out var id)) throw new ProblemException(Problems.NoSuchEntry(Problems.Brief(after)));
            var (began, last) = (filter.Add(UsageRows.TimeOf(id)), filter.Add(id.ToString("N"))); // an id knows its time, so it may be deleted meanwhile
            filter.And($"(began < {began} OR (began = {began} AND id < {last}))");
        }

        var rows = await reader.RowsAsync(filter, limit + 1, http.RequestAborted);
        var page = rows.Take(limit).ToList();
        await WriteAsync(http, json =>
        {
            json.WriteStartArray("data"u8);
            foreach (var row in page) UsageShape.Write(json, row);
            json.WriteEndArray();
            json.WriteString("first_id"u8, page.FirstOrDefault()?.Id);
            json.WriteString("last_id"u8, page.LastOrDefault()?.Id);
            json.WriteBoolean("has_more"u8, rows.Count > limit);
        });
    }

    private static async Task SumsAsync(HttpContext http, UsageReader reader, Filter filter, List<string> groups, int limit)
    {
        var query = http.Request.Query;
        if (QueryText.Text(query, "after") is not null) throw new ProblemException(Problems.Invalid("after", "groups are paged by 'page'; 'after' is a row's id."));
        var skipped = QueryText.Number(query, "page", 0, int.MaxValue) ?? 0;
        var sums = await reader.SumsAsync(filter, [.. groups.Select(static group => Groups[group])], limit + 1, skipped, http.RequestAborted);
        await WriteAsync(http, json =>
        {
            json.WriteStartArray("data"u8);
            foreach (var (group, sum) in sums.Take(limit)) UsageShape.Write(json, groups, group, sum);
            json.WriteEndArray();
            json.WriteBoolean("has_more"u8, sums.Count > limit);
            json.WriteString("next_page"u8, sums.Count > limit ? (skipped + limit).ToString(CultureInfo.InvariantCulture) : null);
        });
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        write(json);
        json.WriteEndObject();
    }
}
