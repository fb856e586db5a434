using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests.Doors;
using Gateway.Tests.Faults.Storage;
using Microsoft.Data.Sqlite;

namespace Gateway.Tests.Usage.Totals;

/// <summary>Ten thousand calls, to each of which something else happens: what is recorded is what their upstream counted, call by call and in all.</summary>
public sealed class TotalsTests : IDisposable
{
    private const int Count = 10_000;
    private const int AtOnce = 48;
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    [Fact]
    public async Task What_is_recorded_is_what_the_upstream_counted_whatever_happened()
    {
        var calls = PlannedCall.Many(Count, seed: 20_261_127);
        await using var upstream = await CountingUpstream.StartAsync(calls);
        var database = $"Data Source={folder.File("gateway.db")}";
        await using var door = await OpenAsync(upstream, database);

        var run = Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation }, async (call, _) => await MakeAsync(door, call));
        await LockAsync(door, database, () => upstream.Used.Count > Count / 4 || run.IsCompleted, () => upstream.Used.Count > Count / 3 || run.IsCompleted);
        await run;

        var rows = await RowsAsync(door);
        rows.Count.ShouldBe(Count);
        foreach (var call in calls)
        {
            var row = rows[call.Id];
            var used = upstream.Used.GetValueOrDefault(call.Number);
            ((string?)row["key"], (string?)row["outcome"], (long)row["prompt_tokens"]!, (long)row["completion_tokens"]!, (bool)row["estimated"]!).ShouldBe((call.Key, call.Outcome, used.Prompt, used.Completion, used.Estimated), $"{call} {row.ToJsonString()}");
        }

        var sums = (await door.AskAsync("admin/v1/usage?group_by=key"))["data"]!.AsArray();
        sums.Select(sum => ((string)sum!["key"]!, (long)sum["calls"]!, (long)sum["prompt_tokens"]!, (long)sum["completion_tokens"]!, (decimal)sum["cost"]!)).ShouldBe(
            calls.GroupBy(call => call.Key).OrderBy(group => group.Key).Select(group => (group.Key, (long)group.Count(), Sum(group, used => used.Prompt), Sum(group, used => used.Completion), (Sum(group, used => used.Prompt) * 0.000001m) + (Sum(group, used => used.Completion) * 0.000002m))));
        door.Log.Text.ShouldNotContain("is lost");

        long Sum(IEnumerable<PlannedCall> of, Func<(long Prompt, long Completion, bool), long> what) => of.Sum(call => what(upstream.Used.GetValueOrDefault(call.Number)));
    }

    private static Task<Door> OpenAsync(CountingUpstream upstream, string database)
    {
        object Model(string? hedge) => new { Targets = new[] { new { Upstream = "east", Order = 0 }, new { Upstream = "west", Order = 1 } }, Retries = 1, HedgeAfter = hedge, Breaker = new { Failures = 1_000_000 }, Price = new { InputPerMillion = 1, OutputPerMillion = 2 } };
        return Door.OpenAsync(
            new
            {
                AdminKey = UsageDoor.Admin,
                Upstreams = new { east = new { Address = new Uri(upstream.Address, "v1") }, west = new { Address = new Uri(upstream.Address, "v1") } },
                Models = new { m = Model(null), hedged = Model("00:00:00.010") },
                Keys = ((string[])["a", "b", "c"]).Select(name => LimitedKeys.Of(name, Gateway.Policies.CallerLimits.None)),
                RetryBudget = new { Share = 10, Floor = 10_000 },
            },
            null,
            "--Gateway:Usage:Enabled=true",
            "--Gateway:Database=" + database);
    }

    // For a while, in the middle of the run.
    private static async Task LockAsync(Door door, string database, Func<bool> from, Func<bool> until)
    {
        await Eventually.TrueAsync(() => File.Exists(database["Data Source=".Length..]));
        await door.RowsAsync(0, "outcome=deadline_exceeded"); // the table is there
        await Eventually.TrueAsync(from);
        await using var locks = await Databases.LockedAsync(database + ";Pooling=false");
        await Eventually.TrueAsync(until);
    }

    private static async Task<Dictionary<string, JsonNode>> RowsAsync(Door door)
    {
        var rows = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        await Eventually.TrueAsync(async () => (await door.AskAsync("admin/v1/usage?group_by=model"))["data"]!.AsArray().Sum(sum => (long)sum!["calls"]!) >= Count);
        await Eventually.TrueAsync(async () => (await door.AskAsync("admin/v1/usage?outcome=running"))["data"]!.AsArray().Count == 0);
        for (var after = ""; ;)
        {
            var page = await door.AskAsync("admin/v1/usage?limit=1000" + after);
            foreach (var row in page["data"]!.AsArray()) rows.Add((string)row!["request_id"]!, row);
            if (!(bool)page["has_more"]!) return rows;
            after = "&after=" + (string)page["last_id"]!;
        }
    }

    private static async Task MakeAsync(Door door, PlannedCall call)
    {
        var body = $$"""{"model":"{{(call.Plot == Plot.Hedged ? "hedged" : "m")}}","messages":[{"role":"user","content":"{{call.Number}}"}],"stream":{{(call.IsStream ? "true" : "false")}}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")), Headers = { Authorization = LimitedKeys.Bearer(call.Key) } };
        request.Headers.Add("x-request-id", call.Id);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var asking = door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        if (call.Plot == Plot.ClientLeavesBeforeTheFirstToken)
        {
            await call.Reached.Task;
            await leaving.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(asking);
            return;
        }

        using var answer = await asking;
        if (call.Plot is not (Plot.ResetInMidStream or Plot.ClientLeavesInMidStream))
        {
            await answer.Content.ReadAsStringAsync(Cancellation);
            return;
        }

        await using var events = await answer.Content.ReadAsStreamAsync(Cancellation);
        await events.ReadExactlyAsync(new byte[call.Events * UsageAnswers.Chunk().Length], Cancellation);
        call.Seen.SetResult();
        if (call.Plot == Plot.ResetInMidStream) await new StreamReader(events).ReadToEndAsync(Cancellation);
    }
}
