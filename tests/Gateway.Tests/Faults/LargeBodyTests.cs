using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults;

/// <summary>Requests so large that an upstream may not want them.</summary>
public class LargeBodyTests
{
    private const string Refusal = "413 Content Too Large";
    private static readonly string Padding = $",\"pad\":\"{new string('x', 2 << 20)}\"";

    [Fact]
    public async Task A_large_body_is_refused_by_its_head_alone_and_asked_for_once()
    {
        var head = "";
        await using var upstream = new RawUpstream(async connection =>
        {
            head = await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync(Wire.Plain(Wire.Error("too large", "request_too_large"), Refusal, "Connection: close\r\n"));
            connection.Reset(); // as a server that will not read it
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m", more: Padding);

        (await Outline.OfAsync(answer)).ShouldBe("413 request_too_large");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        head.ShouldContain("Expect: 100-continue\r\n");
        upstream.Accepted.ShouldBe(1);
        door.Target("m", "u0").Health.LastFailure.ShouldBeNull();
    }

    [Fact]
    public async Task A_large_body_is_sent_once_it_is_asked_for()
    {
        var received = 0;
        await using var upstream = new RawUpstream(async connection =>
        {
            var head = await connection.ReadUntilAsync("\r\n\r\n");
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            received = await connection.ReadBodyAsync(head);
            await connection.SendAsync(Wire.Plain(Wire.Answer));
        });
        await using var door = await Door.OpenAsync("m", new { Timeouts = new { Connect = "00:00:00.5" } }, upstream.Address);

        using var answer = await door.ChatAsync("m", more: Padding);

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        received.ShouldBeGreaterThan(Padding.Length);
    }

    [Fact]
    public async Task A_large_body_is_sent_to_an_upstream_that_does_not_know_the_question()
    {
        var asked = 0;
        await using var upstream = new RawUpstream(async connection =>
        {
            while (true)
            {
                var head = await connection.ReadUntilAsync("\r\n\r\n");
                if (head.Contains("Expect:", StringComparison.Ordinal))
                {
                    asked++;
                    await connection.SendAsync(Wire.Plain("", "417 Expectation Failed", "Connection: close\r\n"));
                    return;
                }

                await connection.ReadBodyAsync(head);
                await connection.SendAsync(Wire.Plain(Wire.Answer));
            }
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m", more: Padding);

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_large_body_is_sent_to_an_upstream_that_does_not_answer_the_question()
    {
        await using var upstream = new RawUpstream(Wire.Closes(Wire.Plain(Wire.Answer)));
        await using var door = await Door.OpenAsync("m", new { Timeouts = new { Connect = "00:00:00.5" } }, upstream.Address); // less than the question may wait

        using var answer = await door.ChatAsync("m", more: Padding);

        (await Outline.OfAsync(answer)).ShouldBe("200 whole");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_connection_that_is_reset_at_the_question_is_no_upstream_that_cannot_be_reached()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadUntilAsync("\r\n\r\n");
            connection.Reset();
        });
        await using var door = await Door.OpenAsync("m", new { Retries = 0 }, upstream.Address);

        using var answer = await door.ChatAsync("m", more: Padding);

        (await Outline.OfAsync(answer)).ShouldBe("502 upstream_error");
        Rows.Reasons(await door.Log.LineAsync(" after ")).ShouldBe("reset");
    }

    [Fact]
    public async Task A_small_body_is_sent_without_asking()
    {
        var head = "";
        await using var upstream = new RawUpstream(async connection =>
        {
            head = await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain(Wire.Answer));
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        (await door.ChatAsync("m")).EnsureSuccessStatusCode().Dispose();

        head.ShouldNotContain("Expect:");
    }
}
