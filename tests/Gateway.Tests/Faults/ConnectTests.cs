using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Routing;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Faults;

/// <summary>Upstreams that cannot be connected to, or not yet.</summary>
public class ConnectTests
{
    private static readonly object Impatient = new { Timeouts = new { Connect = "00:00:00.2" } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_hangs_is_given_up_and_the_next_target_asked(bool stream)
    {
        using var hangs = new FullBacklog();
        await using var upstream = new RawUpstream(Wire.Closes(stream ? Wire.StreamHead + Wire.Chunk + Wire.Last + Wire.Done : Wire.Plain(Wire.Answer)));
        await using var door = await OpenAsync(hangs.Address, new Uri(upstream.Address, "v1").ToString());

        using var answer = await door.ChatAsync("m", stream);

        (await Outline.OfAsync(answer)).ShouldBe(stream ? "200 data ×2, [DONE]" : "200 whole");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
        (await door.Log.LineAsync(" after ")).ShouldContain("u0 connect_timeout");
    }

    [Fact]
    public async Task Where_every_connection_hangs_the_call_ends_in_504()
    {
        using var hangs = new FullBacklog();
        await using var door = await FaultyDoor.OpenAsync(hangs.Address, Impatient);

        using var answer = await door.ChatAsync("m");

        (await Outline.OfAsync(answer)).ShouldBe("504 upstream_timeout");
        Rows.Reasons(await door.Log.LineAsync(" after ")).ShouldBe("connect_timeout, connect_timeout");
    }

    [Fact]
    public async Task A_name_server_that_says_nothing_is_a_connection_that_hangs()
    {
        await using var upstream = new RawUpstream(Wire.Closes(Wire.Plain(Wire.Answer)));
        await using var door = await OpenAsync("http://slow.test/v1", $"http://quick.test:{upstream.Address.Port}/v1", new Names(host => host == "slow.test" ? null : [IPAddress.Loopback]));

        using var answer = await door.ChatAsync("m");

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        (await door.Log.LineAsync(" after ")).ShouldContain("u0 connect_timeout");
    }

    [Fact]
    public async Task A_name_that_is_not_known_is_left_at_once_for_the_next_target()
    {
        await using var upstream = new RawUpstream(Wire.Closes(Wire.Plain(Wire.Answer)));
        await using var door = await OpenAsync("http://gone.test/v1", new Uri(upstream.Address, "v1").ToString(), new Names(_ => throw new SocketException((int)SocketError.HostNotFound)));

        using var answer = await door.ChatAsync("m");

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        (await door.Log.LineAsync(" after ")).ShouldContain("u0 connect_failed (its name is not known) after");
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_is_told_from_an_upstream_that_breaks_off()
    {
        await using var door = await FaultyDoor.OpenAsync("http://127.0.0.1:1/v1", new { Retries = 0 });

        using var answer = await door.ChatAsync("m");

        (await answer.Content.ReadAsStringAsync()).ShouldContain("did not answer: its upstream cannot be reached.");
        (await door.Log.LineAsync(" after ")).ShouldContain("connect_failed (refused) after");
        var health = JsonNode.Parse(await door.Http.GetStringAsync("admin/v1/upstreams", TestContext.Current.CancellationToken))!["data"]![0]!;
        var failure = health["targets"]![0]!["last_failure"]!;
        (failure["reason"]!.ToString(), failure["detail"]!.ToString()).ShouldBe(("connect_failed", "refused"));
    }

    [Fact]
    public async Task A_name_with_several_addresses_is_reached_at_the_one_that_lives()
    {
        await using var upstream = new RawUpstream(Wire.Closes(Wire.Plain(Wire.Answer)));
        var dead = IPAddress.Parse("127.0.0.2"); // of this machine, and nobody listens there
        await using var door = await FaultyDoor.OpenAsync($"http://both.test:{upstream.Address.Port}/v1", services: services => services.AddSingleton<NameResolver>(new Names(_ => [dead, IPAddress.Loopback])));

        using var answer = await door.ChatAsync("m");

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
    }

    private static Task<Door> OpenAsync(string first, string second, NameResolver? names = null) => Door.OpenAsync(
        new
        {
            Upstreams = new { u0 = new { Address = first }, u1 = new { Address = second } },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }, new { Upstream = "u1", Order = 1 }], Timeouts = new { Connect = "00:00:00.2" } } },
        },
        services =>
        {
            if (names is not null) services.AddSingleton(names);
        });

    /// <summary>A name server of the test's own; null is one that says nothing.</summary>
    private sealed class Names(Func<string, IPAddress[]?> addresses) : NameResolver
    {
        public override async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation) =>
            addresses(host) ?? await new TaskCompletionSource<IPAddress[]>().Task.WaitAsync(cancellation);
    }
}
