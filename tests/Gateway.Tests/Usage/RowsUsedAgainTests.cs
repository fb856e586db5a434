using System.Net;
using Gateway.Policies;

namespace Gateway.Tests.Usage;

/// <summary>A row in memory is another call's once it is written.</summary>
public sealed class RowsUsedAgainTests
{
    [Fact]
    public async Task What_a_row_says_is_of_its_own_call_whatever_was_written_down_before()
    {
        using var folder = new TemporaryFolder();
        await using var upstream = await FakeUpstream.StartAsync();
        await using var door = await UsageDoor.OpenAsync($"Data Source={folder.File("gateway.db")};Pooling=false", upstream, new CallerLimits { RequestsPerMinute = 1 });
        upstream.ThenStream(UsageAnswers.Chunk(), UsageAnswers.Chunk(last: true), UsageAnswers.Done).ThenJson(200, UsageAnswers.Plain(1_000, 200, cached: 400, reasoning: 50));
        await door.FinishAsync(stream: true); // one that is estimated, in time
        await door.RowsAsync(1);
        await door.FinishAsync("c"); // one that is counted, of no team
        await door.RowsAsync(2);
        (await door.FinishAsync()).ShouldBe(HttpStatusCode.TooManyRequests); // one that nobody answered
        var rows = await door.RowsAsync(3);

        var (limited, counted, first) = (rows[0], rows[1], rows[2]);
        foreach (var name in (string[])["upstream", "first_token_ms"]) (first[name] is null, counted[name] is null, limited[name] is null).ShouldBe((false, false, true), name);
        rows.Select(static row => (string?)row["team"]).ShouldBe(["red", null, "red"]);
        rows.Select(static row => ((bool)row["stream"]!, (bool)row["estimated"]!, (string?)row["outcome"])).ShouldBe([(false, false, "limited"), (false, false, "ok"), (true, true, "ok")]);
        rows.Select(static row => ((long)row["prompt_tokens"]!, (long)row["cached_tokens"]!, (long)row["completion_tokens"]!, (long)row["reasoning_tokens"]!, (long)row["attempts"]!)).ShouldBe([(0, 0, 0, 0, 0), (1_000, 400, 200, 50, 1), (8, 0, 2, 0, 1)]);
        rows.Select(static row => (string?)row["request_id"]).ShouldBeUnique();
    }
}
