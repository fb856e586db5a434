using System.Net;
using System.Text.Json;
using Gateway.Policies;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Admin;

/// <summary>Who runs and who waits, as <c>/admin/v1/queues</c> says it.</summary>
public class QueuesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Keys_and_teams_are_listed_with_what_runs_what_waits_and_the_bound_that_holds_it()
    {
        await using var open = await QueuedDoor.OpenAsync(
        [
            LimitedKeys.Of("greedy", new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long, Priority = 2 }, "red"),
            LimitedKeys.Of("modest", new CallerLimits { QueueTimeout = Long }, "red"),
            LimitedKeys.Of("free", CallerLimits.None),
        ], new { red = new CallerLimits { MaxConcurrent = 2 } });
        List<Task<HttpResponseMessage>> calls = [open.CallAsync("greedy")];
        await open.StandsAsync(1, 0);
        calls.Add(open.CallAsync("greedy"));
        await open.StandsAsync(1, 1);
        calls.Add(open.CallAsync("free"));
        await open.StandsAsync(2, 1);

        var one = await open.QueuesAsync();
        (one.GetProperty("object").GetString(), one.GetProperty("running").GetInt32(), one.GetProperty("waiting").GetInt32(), one.GetProperty("has_more").GetBoolean()).ShouldBe(("list", 2, 1, false));
        var greedy = Row(one, "key", "greedy");
        (Number(greedy, "running"), Number(greedy, "max_concurrent"), Number(greedy, "waiting"), Number(greedy, "priority")).ShouldBe((1, 1, 1, 2));
        greedy.GetProperty("team").GetString().ShouldBe("red");
        greedy.GetProperty("oldest_wait_seconds").GetDouble().ShouldBeInRange(0, 60);
        Held(greedy).ShouldBe(("max_concurrent", "key", "greedy", 1));
        var free = Row(one, "key", "free");
        (Number(free, "running"), Number(free, "waiting"), free.GetProperty("held_by").ValueKind, free.GetProperty("oldest_wait_seconds").ValueKind).ShouldBe((1, 0, JsonValueKind.Null, JsonValueKind.Null));
        free.GetProperty("team").ValueKind.ShouldBe(JsonValueKind.Null);
        var red = Row(one, "team", "red");
        (Number(red, "running"), Number(red, "max_concurrent"), Number(red, "waiting")).ShouldBe((1, 2, 1));
        one.GetProperty("data").EnumerateArray().Count().ShouldBe(3);
        one.GetRawText().ShouldNotContain("sk-the-key-of");

        open.Go();
        foreach (var answer in await Task.WhenAll(calls)) answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await open.QueuesAsync()).GetProperty("data").GetArrayLength() == 0);
    }

    [Fact]
    public async Task Who_waits_for_the_team_is_told_from_who_waits_for_the_key()
    {
        await using var open = await QueuedDoor.OpenAsync(
            [LimitedKeys.Of("one", new CallerLimits { QueueTimeout = Long }, "red"), LimitedKeys.Of("other", new CallerLimits { QueueTimeout = Long }, "red")], new { red = new CallerLimits { MaxConcurrent = 1 } });
        List<Task<HttpResponseMessage>> calls = [open.CallAsync("one")];
        await open.StandsAsync(1, 0);
        calls.Add(open.CallAsync("other"));
        calls.Add(open.CallAsync("other"));
        await open.StandsAsync(1, 2);

        var all = await open.QueuesAsync();

        Held(Row(all, "key", "other")).ShouldBe(("max_concurrent", "team", "red", 1));
        Held(Row(all, "team", "red")).ShouldBe(("max_concurrent", "team", "red", 1));
        Number(Row(all, "team", "red"), "waiting").ShouldBe(2);
        var cut = await open.QueuesAsync("?limit=1");
        (cut.GetProperty("data").GetArrayLength(), cut.GetProperty("has_more").GetBoolean(), cut.GetProperty("waiting").GetInt32()).ShouldBe((1, true, 2));
        (await open.QueuesAsync("?limit=0")).GetProperty("error").GetProperty("param").GetString().ShouldBe("limit");
        open.Go();
        await Task.WhenAll(calls);
    }

    private static JsonElement Row(JsonElement all, string kind, string name) => all.GetProperty("data").EnumerateArray().Where(row => row.GetProperty("kind").GetString() == kind && row.GetProperty("name").GetString() == name).ShouldHaveSingleItem();

    private static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();

    private static (string?, string?, string?, int) Held(JsonElement row)
    {
        var held = row.GetProperty("held_by");
        return (held.GetProperty("bound").GetString(), held.GetProperty("owner").GetString(), held.GetProperty("name").GetString(), held.GetProperty("limit").GetInt32());
    }
}
