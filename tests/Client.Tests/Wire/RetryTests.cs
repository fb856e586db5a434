using System.Net;
using System.Net.Sockets;
using Gateway.Client.Errors;

namespace Gateway.Client.Tests.Wire;

public sealed class RetryTests : ClientFixture
{
    private const string Models = """{"object":"list","data":[]}""";
    private const string Error = """{"error":{"message":"later","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";

    [Theory]
    [InlineData("retry-after-ms", "300", 0.3)]
    [InlineData("Retry-After", "2", 2)]
    [InlineData("Retry-After", "60", 60)]
    public async Task The_servers_wait_is_honoured_to_the_millisecond(string header, string value, double seconds)
    {
        Upstream.ThenJson(429, Error, (header, value)).ThenJson(200, Models);
        await Client.Models.ListAsync();
        Time.Waits.ShouldBe([TimeSpan.FromSeconds(seconds)]);
        Upstream.Received[1].Headers["x-stainless-retry-count"].ShouldBe("1");
    }

    [Fact]
    public async Task A_wait_over_a_minute_is_the_callers_to_decide()
    {
        Upstream.ThenJson(429, Error, ("Retry-After", "90"));
        var thrown = await Should.ThrowAsync<RateLimitedException>(() => Client.Models.ListAsync());
        thrown.RetryAfter.ShouldBe(TimeSpan.FromSeconds(90));
        Upstream.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(429, "false", 1)]
    [InlineData(429, null, 3)]
    [InlineData(408, null, 3)]
    [InlineData(409, null, 3)]
    [InlineData(500, null, 3)]
    [InlineData(503, "false", 1)]
    [InlineData(400, "true", 3)]
    [InlineData(400, null, 1)]
    public async Task The_servers_word_goes_before_the_status(int status, string? shouldRetry, int attempts)
    {
        Upstream.ThenJson(status, Error, shouldRetry is null ? [] : [("x-should-retry", shouldRetry)]);
        await Should.ThrowAsync<GatewayException>(() => Client.Models.ListAsync());
        Upstream.Received.Count.ShouldBe(attempts);
    }

    [Fact]
    public async Task Without_the_servers_word_waits_are_jittered_within_a_doubling_step_and_follow_the_seed()
    {
        Upstream.ThenJson(500, Error);
        await Should.ThrowAsync<ServerFailedException>(() => Client.Models.ListAsync());
        Time.Waits.Count.ShouldBe(2);
        Time.Waits[0].ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        Time.Waits[1].ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(1));

        var again = new WaitRecorder();
        using var twin = new GatewayClient(new GatewayClientOptions(Upstream.Address) { Seed = 1, TimeProvider = again });
        await Should.ThrowAsync<ServerFailedException>(() => twin.Models.ListAsync());
        again.Waits.ShouldBe(Time.Waits);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_the_answer_is_tried_again()
    {
        Upstream.Then(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        }).ThenJson(200, Models);
        (await Client.Models.ListAsync()).ShouldBeEmpty();
        Upstream.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_typed_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = new GatewayClient(new GatewayClientOptions(new Uri($"http://127.0.0.1:{port}")) { TimeProvider = Time });
        (await Should.ThrowAsync<ConnectionFailedException>(() => client.Models.ListAsync())).Status.ShouldBeNull();
        Time.Waits.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_timeout_is_a_typed_error_and_not_a_cancellation()
    {
        Upstream.Then(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        using var client = new GatewayClient(new GatewayClientOptions(Upstream.Address) { Timeout = TimeSpan.FromMilliseconds(50), MaxRetries = 0 });
        await Should.ThrowAsync<ConnectionFailedException>(() => client.Models.ListAsync());
    }

    [Fact]
    public async Task The_callers_token_ends_a_call_that_waits()
    {
        using var caller = new CancellationTokenSource();
        Upstream.Then(async http =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        });
        await Should.ThrowAsync<OperationCanceledException>(() => Client.Models.ListAsync(caller.Token));
        Upstream.Received.Count.ShouldBe(1);
    }
}
