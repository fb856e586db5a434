using System.Net;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Tests.Doors;
using Gateway.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Usage;

/// <summary>A gateway that records, with two keys of one team, a key of its own, and prices.</summary>
internal static class UsageDoor
{
    public const string Admin = "sk-of-administration";

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<Door> OpenAsync(string database, FakeUpstream upstream, CallerLimits? limits = null, Action<IServiceCollection>? services = null, object? model = null, params string[] arguments) => Door.OpenAsync(
        new
        {
            AdminKey = Admin,
            Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new Dictionary<string, object>
            {
                ["m"] = model ?? new { Targets = new[] { new { Upstream = "east", Model = "there" } }, Retries = 0, Price = new { InputPerMillion = 1.5m, CachedPerMillion = 0.5m, OutputPerMillion = 6m } },
                ["free"] = new { Targets = new[] { new { Upstream = "east" } }, Retries = 0 },
                ["any/*"] = new { Targets = new[] { new { Upstream = "east" } } },
            },
            Keys = new[] { LimitedKeys.Of("a", limits ?? CallerLimits.None, "red"), LimitedKeys.Of("b", CallerLimits.None, "red"), LimitedKeys.Of("c", CallerLimits.None) },
        },
        services,
        ["--Gateway:Usage:Enabled=true", "--Gateway:Database=" + database, .. arguments]);

    public static async Task<HttpResponseMessage> CallAsync(this Door door, string key = "a", string model = "m", bool stream = false, string more = "", string path = "v1/chat/completions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Door.Body(model, stream, more), Headers = { Authorization = LimitedKeys.Bearer(key) } };
        return await door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    /// <summary>A call, to its end.</summary>
    public static async Task<HttpStatusCode> FinishAsync(this Door door, string key = "a", string model = "m", bool stream = false, string more = "")
    {
        using var answer = await door.CallAsync(key, model, stream, more);
        await answer.Content.ReadAsStringAsync(Cancellation);
        return answer.StatusCode;
    }

    public static async Task<JsonNode> AskAsync(this Door door, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new("Bearer", Admin) } };
        using var answer = await door.Http.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.StatusCode.ShouldBe(expected, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Rows, once there are so many: a call is written down a moment after its client has seen its end.</summary>
    public static async Task<IReadOnlyList<JsonNode>> RowsAsync(this Door door, int count, string query = "")
    {
        IReadOnlyList<JsonNode> rows = [];
        await Eventually.TrueAsync(async () => (rows = [.. (await door.AskAsync("admin/v1/usage?limit=1000&" + query))["data"]!.AsArray().Select(row => row!)]).Count >= count);
        rows.Count.ShouldBe(count);
        return rows;
    }

    /// <summary>A row that any call might have left.</summary>
    public static UsageRow Row(string? id = null, DateTimeOffset? at = null) => new()
    {
        Id = id ?? Guid.CreateVersion7(at ?? UsageDoor.Now).ToString("N"),
        Began = (at ?? UsageDoor.Now).ToUnixTimeMilliseconds(),
        KeyId = "a",
        KeyName = "a",
        Model = "m",
        AnsweredModel = "m",
        Operation = "chat",
        Outcome = "ok",
        Status = 200,
        PromptTokens = 10,
        CompletionTokens = 5,
        Cost = 1_000,
        RequestId = "req_1",
        Stage = UsageStages.Over,
    };
}
