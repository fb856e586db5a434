using System.Net;
using Gateway.Policies;
using Gateway.Routing;
using Gateway.TestKit.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.Tests.Doors;

/// <summary>Calls that a program which stops cannot wait for, wherever they wait.</summary>
public class FarewellTests
{
    [Fact]
    public async Task A_call_that_waits_for_a_place_is_told_and_so_is_the_one_that_has_it()
    {
        await using var upstream = (await FakeUpstream.StartAsync()).Then(http => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted));
        await using var door = await Door.OpenAsync(new
        {
            ShutdownTimeout = "00:00:00.1",
            AllowAnonymous = true,
            Keys = new[] { new { Name = "a", Key = "sk-of-the-caller-a", MaxConcurrent = 1, QueueTimeout = "00:01:00" } },
            Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }] } },
        });
        door.Http.DefaultRequestHeaders.Add("Authorization", "Bearer sk-of-the-caller-a");
        var running = door.ChatAsync("m");
        await Eventually.TrueAsync(() => upstream.Received.Count == 1);
        var waiting = door.ChatAsync("m");
        await Eventually.TrueAsync(() => door.Services.GetRequiredService<WaitingRoom>().Count == 1);

        door.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        foreach (var answer in await Task.WhenAll(running, waiting))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("shutting_down");
            answer.Headers.GetValues("x-should-retry").ShouldBe(["true"]);
        }

        await Eventually.TrueAsync(() => door.Target("m", "u0") is { Work: 0, Upstream.Calls: 0 });
        door.Target("m", "u0").Health.State(TimeProvider.System.GetTimestamp()).ShouldBe("closed"); // it is not to blame
        upstream.Received.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Both_attempts_of_a_hedge_are_left_and_no_further_one_is_made()
    {
        await using var first = (await FakeUpstream.StartAsync()).Then(http => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted));
        await using var second = (await FakeUpstream.StartAsync()).Then(http => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted));
        await using var door = await Door.OpenAsync(new
        {
            ShutdownTimeout = "00:00:00.1",
            Upstreams = new { u0 = new { Address = new Uri(first.Address, "v1") }, u1 = new { Address = new Uri(second.Address, "v1") } },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }, new { Upstream = "u1", Order = 1 }], HedgeAfter = "00:00:00.01", Retries = 5 } },
        });
        var running = door.ChatAsync("m");
        await Eventually.TrueAsync(() => second.Received.Count == 1);

        door.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var answer = await running;
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("shutting_down");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        await Eventually.TrueAsync(() => door.Target("m", "u0") is { Work: 0, Upstream.Calls: 0 } && door.Target("m", "u1") is { Work: 0, Upstream.Calls: 0 });
        (first.Received.Count, second.Received.Count).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("G")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Le")]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /hea")]
    public async Task Who_has_sent_half_of_a_request_is_not_waited_for(string half)
    {
        await using var door = await Door.OpenAsync(new { ShutdownTimeout = "00:00:00.1" });
        using var client = await RawConnection.ConnectAsync(door.Address);
        await client.SendAsync(half);
        if (half.Contains("\r\n\r\n", StringComparison.Ordinal)) await client.ReadUntilAsync("\r\n\r\n");

        door.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await client.LeftAsync(); // which fails where it is let stand
    }

    [Fact]
    public async Task Of_a_body_the_rest_is_waited_for_only_for_a_moment_and_a_call_that_begins_later_is_refused()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        await using var door = await Door.OpenAsync(new { ShutdownTimeout = "00:01:00", Upstreams = new { u0 = new { Address = new Uri(upstream.Address, "v1") } }, Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }] } } });
        using var begun = await RawConnection.ConnectAsync(door.Address);
        using var later = await RawConnection.ConnectAsync(door.Address);
        await begun.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n");
        await begun.ReadUntilAsync("\r\n\r\n"); // it is asked for its body
        await later.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConte");

        door.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await later.SendAsync("nt-Length: 13\r\n\r\n{\"model\":\"m\"}");
        (await later.ReadUntilAsync("shutting_down")).ShouldStartWith("HTTP/1.1 503");
        (await begun.ReadUntilAsync("shutting_down")).ShouldStartWith("HTTP/1.1 503"); // seconds later, and not a minute
        upstream.Received.ShouldBeEmpty();
    }
}
