using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Doors;

/// <summary>A door with keys and teams whose upstream answers nobody before it is told to.</summary>
internal sealed class QueuedDoor : IAsyncDisposable
{
    private const string AdminKey = "sk-admin-of-the-queues";
    private const string Answer = """{"id":"c","object":"chat.completion","created":1,"model":"there","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":12,"total_tokens":42}}""";

    private readonly TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private QueuedDoor(Door door, FakeUpstream upstream)
    {
        (Door, Upstream) = (door, upstream);
        upstream.Then(async http =>
        {
            await go.Task.WaitAsync(http.RequestAborted);
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Answer);
        });
        Door.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public Door Door { get; }

    public FakeUpstream Upstream { get; }

    public static async Task<QueuedDoor> OpenAsync(JsonNode[] keys, object? teams = null, object? metrics = null)
    {
        var upstream = await FakeUpstream.StartAsync();
        return new QueuedDoor(await Door.OpenAsync(new
        {
            AdminKey,
            Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "u0" } }, Retries = 0, Price = new { InputPerMillion = 10m, OutputPerMillion = 10m } } },
            Keys = keys,
            Teams = teams ?? new { },
            Metrics = metrics ?? new { },
        }), upstream);
    }

    public Task<HttpResponseMessage> CallAsync(string key, CancellationToken cancellation = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m") };
        request.Headers.Authorization = LimitedKeys.Bearer(key);
        return Door.Http.SendAsync(request, cancellation);
    }

    /// <summary>Until so many run, and so many wait.</summary>
    public Task StandsAsync(int running, int waiting) => Eventually.TrueAsync(() => Upstream.Received.Count == running && Door.Waiting() == waiting);

    public async Task<JsonElement> QueuesAsync(string query = "")
    {
        using var answer = await Door.Http.GetAsync("admin/v1/queues" + query, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.Clone();
    }

    /// <summary>The upstream answers from now on.</summary>
    public void Go() => go.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Go();
        await Door.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
