using System.Net;
using Gateway.TestKit.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Faults;

/// <summary>What an upstream that is down costs, and how it comes back.</summary>
public class DeadTargetTests
{
    [Fact]
    public async Task Two_hundred_calls_at_once_make_at_most_twenty_further_attempts()
    {
        await using var upstream = new RawUpstream(Wire.Resets());
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString(), new { Retries = 5, Breaker = new { Failures = 1_000 } });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var answer = await door.ChatAsync("m");
            return (int)answer.StatusCode;
        }));

        statuses.ShouldAllBe(status => status == 502);
        upstream.Requests.ShouldBeInRange(200, 220);
    }

    [Fact]
    public async Task A_dead_target_is_left_alone_after_a_few_calls_and_taken_back_when_it_lives()
    {
        var alive = false;
        var clock = new FakeTimeProvider();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            if (alive) await connection.SendAsync(Wire.Plain(Wire.Answer));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString(), new { Retries = 0 }, services: services => services.AddSingleton<TimeProvider>(clock));

        for (var call = 0; call < 15; call++) (await StatusAsync()).ShouldBeOneOf(502, 503);
        var asked = upstream.Requests;
        for (var call = 0; call < 20; call++) (await StatusAsync()).ShouldBe(503);
        upstream.Requests.ShouldBe(asked);
        asked.ShouldBeLessThanOrEqualTo(15);

        alive = true;
        clock.Advance(TimeSpan.FromSeconds(10));
        (await StatusAsync()).ShouldBe(200);

        async Task<int> StatusAsync()
        {
            using var answer = await door.ChatAsync("m");
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_lone_target_that_asks_for_a_moment_gets_it_and_is_asked_again()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain(Wire.Error("slow down", "rate_limit_exceeded"), "429 Too Many Requests", "retry-after-ms: 150\r\n"));
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain(Wire.Answer));
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pooled_connection_that_went_stale_costs_the_client_nothing(bool closesInTime)
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain(Wire.Answer));
            if (!closesInTime && connection.Number == 1) await connection.ReadRequestAsync();
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());

        for (var call = 0; call < 3; call++)
        {
            using var answer = await door.ChatAsync("m");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }
}
