using System.Text.Json;
using Gateway.Admin.Docs;
using Gateway.Errors;
using Gateway.Keys;
using Microsoft.OpenApi;

namespace Gateway.Usage.Reading;

/// <summary>
/// Usage and costs in OpenAI's shapes, for tools that read them there. A project is a team; users, batches and tiers of service are not
/// told apart here.
/// </summary>
internal static class OrganizationApi
{
    public const string Root = "/v1/organization";
    private const string Answered = "(outcome = 'ok' OR prompt_tokens + completion_tokens > 0)"; // who was refused made no request of a model

    private static readonly string[] Completions = ["chat", "text_completion"];

    // Null where rows have nothing of the kind.
    private static readonly Dictionary<string, string?> UsageGroups = new(StringComparer.Ordinal) { ["project_id"] = "team", ["user_id"] = null, ["api_key_id"] = "key_id", ["model"] = "answered_model", ["batch"] = null, ["service_tier"] = null };
    private static readonly Dictionary<string, string?> CostGroups = new(StringComparer.Ordinal) { ["project_id"] = "team", ["line_item"] = "answered_model", ["api_key_id"] = "key_id" };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root + "/usage/completions", UsageAsync).WithTags("Usage").WithSummary("Tokens of chat and text completions, in OpenAI's shape").Needs(Scopes.Admin).Takes([.. Described("1m, 1h or 1d", UsageGroups.Keys), ("models", JsonSchemaType.String, "Models that answered."), ("user_ids", JsonSchemaType.String, "Nobody's: users are not told apart."), ("batch", JsonSchemaType.Boolean, "false is all there is.")]);
        routes.MapGet(Root + "/costs", CostsAsync).WithTags("Usage").WithSummary("What calls cost, in OpenAI's shape").Needs(Scopes.Admin).Takes([.. Described("1d", CostGroups.Keys)]);
    }

    private static IEnumerable<(string, JsonSchemaType, string)> Described(string widths, IEnumerable<string> groups) =>
    [
        ("start_time", JsonSchemaType.Integer, "The first moment, in Unix seconds; needed."), ("end_time", JsonSchemaType.Integer, "The first moment after it; now where absent."), ("bucket_width", JsonSchemaType.String, $"Of a bucket: {widths}."),
        ("project_ids", JsonSchemaType.String, "Teams."), ("api_key_ids", JsonSchemaType.String, "Ids of keys."), ("group_by", JsonSchemaType.String, $"{string.Join(", ", groups)}; more than once for several."),
        ("limit", JsonSchemaType.Integer, "Buckets of a page."), ("page", JsonSchemaType.String, "The next_page of the page before."),
    ];

    private static Task UsageAsync(HttpContext http, UsageReader reader, TimeProvider time)
    {
        var query = http.Request.Query;
        var batch = QueryText.OneOf(query, "batch", "true", "false");
        var filter = Common(query).In("operation", Completions).And(Answered).In("answered_model", QueryText.Values(query, "models"));
        if (batch is [.., "true"] || QueryText.Values(query, "user_ids").Count > 0) filter.And("1 = 0");
        return AnswerAsync(http, reader, filter, UsageGroups, BucketQuery.Read(query, costs: false, time.GetUtcNow()), BucketShape.Usage);
    }

    private static Task CostsAsync(HttpContext http, UsageReader reader, TimeProvider time) =>
        AnswerAsync(http, reader, Common(http.Request.Query).And("cost > 0"), CostGroups, BucketQuery.Read(http.Request.Query, costs: true, time.GetUtcNow()), BucketShape.Cost);

    private static Filter Common(IQueryCollection query) => new Filter().In("team", QueryText.Values(query, "project_ids")).In("key_id", QueryText.Values(query, "api_key_ids"));

    private static async Task AnswerAsync(HttpContext http, UsageReader reader, Filter filter, Dictionary<string, string?> known, BucketQuery asked, Action<Utf8JsonWriter, IReadOnlyDictionary<string, string?>, Sums> write)
    {
        var groups = QueryText.OneOf(http.Request.Query, "group_by", [.. known.Keys]).Where(group => known[group] is not null).ToList();
        filter.Between(Math.Max(asked.Start, asked.First) * 1_000, Math.Min(asked.End, asked.Next) * 1_000);
        var bucket = FormattableString.Invariant($"began / {asked.Width * 1_000} * {asked.Width}");
        var sums = (await reader.SumsAsync(filter, [bucket, .. groups.Select(group => known[group]!)], null, 0, http.RequestAborted)).ToLookup(static sum => (long)sum.Group[0]!);
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "page"u8);
        json.WriteStartArray("data"u8);
        foreach (var begins in asked.Buckets())
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "bucket"u8);
            json.WriteNumber("start_time"u8, begins);
            json.WriteNumber("end_time"u8, begins + asked.Width);
            json.WriteStartArray("results"u8);
            foreach (var (group, sum) in sums[begins]) write(json, known.Keys.ToDictionary(static name => name, name => groups.IndexOf(name) is >= 0 and var at ? (string?)group[at + 1] : null, StringComparer.Ordinal), sum);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, asked.HasMore);
        json.WriteString("next_page"u8, asked.NextPage);
        json.WriteEndObject();
    }
}
