using Gateway.Tests.Doors;

namespace Gateway.Tests.ResponseCache;

/// <summary>Answers that several gateways have in common.</summary>
public sealed class RedisAnswersTests : IAsyncLifetime
{
    private const string Chunk = "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ä\"},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Done = "data: [DONE]\n\n";

    private readonly RedisProcess server = new();
    private FakeUpstream upstream = null!;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        upstream = (await FakeUpstream.StartAsync()).ThenStream(Chunk, Done);
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task What_one_gateway_was_told_another_one_answers()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        (await AskAsync(first)).ShouldBe((Chunk + Done, "gateway; fwd=uri-miss"));

        (string Text, string Status) found = default;
        await Eventually.TrueAsync(async () => (found = await AskAsync(second)).Status.StartsWith("gateway; hit; ttl=", StringComparison.Ordinal)); // it is sent without waiting
        found.Text.ShouldBe(Chunk + Done);
    }

    [Fact]
    public async Task While_it_is_gone_calls_are_answered_as_if_nothing_was_kept()
    {
        await using var door = await OpenAsync();
        _ = await AskAsync(door);
        await server.KillAsync();
        (await AskAsync(door)).ShouldBe((Chunk + Done, "gateway; fwd=uri-miss"));
        upstream.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_needs_a_redis() =>
        (await Should.ThrowAsync<Gateway.Configuration.ConfigurationException>(() => Door.OpenAsync(new { Cache = new { Store = "redis" } }))).Errors.ShouldBe(["Gateway:Cache:Store is 'redis', and Gateway:Redis is missing"]);

    private Task<Door> OpenAsync() => Door.OpenAsync(new
    {
        Redis = server.Address,
        Cache = new { Enabled = true, Store = "redis" },
        Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1").ToString() } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u0" } } } },
    });

    private static async Task<(string Text, string Status)> AskAsync(Door door)
    {
        using var answer = await door.ChatAsync("m", stream: true);
        return (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.GetValues("Cache-Status").Single());
    }
}
