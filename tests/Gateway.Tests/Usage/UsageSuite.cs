using System.Net;
using System.Text.Json.Nodes;
using Gateway.Policies;
using Gateway.Tests.Doors;
using Gateway.TestKit.Sockets;
using Gateway.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Usage;

/// <summary>What calls leave behind, whatever database is behind.</summary>
public abstract class UsageSuite : IAsyncLifetime
{
    private FakeUpstream upstream = null!;
    private string database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new, empty one.</summary>
    protected abstract Task<string> NewDatabaseAsync();

    public virtual async ValueTask InitializeAsync()
    {
        database = await NewDatabaseAsync();
        upstream = await FakeUpstream.StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (upstream is not null) await upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private Task<Door> OpenAsync(CallerLimits? limits = null, Action<IServiceCollection>? services = null, object? model = null) => UsageDoor.OpenAsync(database, upstream, limits, services, model);

    [Fact]
    public async Task A_plain_call_leaves_one_row_with_everything_in_it()
    {
        await using var door = await OpenAsync();
        upstream.ThenJson(200, UsageAnswers.Plain(1_000, 200, cached: 400, reasoning: 50));

        using var answer = await door.CallAsync();

        var row = (await door.RowsAsync(1)).Single();
        foreach (var (name, value) in (JsonObject)JsonNode.Parse("""{"key":"a","key_name":"a","team":"red","model":"m","answered_model":"m","upstream":"east","operation":"chat","stream":false,"outcome":"ok","status":200,"prompt_tokens":1000,"cached_tokens":400,"completion_tokens":200,"reasoning_tokens":50,"estimated":false,"cost":0.0023,"attempts":1}""")!)
            JsonNode.DeepEquals(row[name], value).ShouldBeTrue($"{name}: {row[name]?.ToJsonString()}");
        ((string?)row["request_id"]).ShouldBe(answer.Headers.GetValues("x-request-id").Single());
        ((long)row["created_at"]!).ShouldBeInRange(UsageDoor.Now.ToUnixTimeSeconds() - 60, UsageDoor.Now.ToUnixTimeSeconds());
        ((long)row["first_token_ms"]!).ShouldBeInRange(0, (long)row["duration_ms"]!);
    }

    [Fact]
    public async Task A_stream_is_counted_by_its_upstream_or_by_its_events()
    {
        await using var door = await OpenAsync();
        upstream.ThenStream(UsageAnswers.Chunk(), UsageAnswers.Chunk(last: true), UsageAnswers.Counted(40, 30), UsageAnswers.Done).ThenStream(UsageAnswers.Chunk(), UsageAnswers.Chunk(), UsageAnswers.Chunk(last: true), UsageAnswers.Done);

        await door.FinishAsync(stream: true);
        await door.FinishAsync(stream: true);

        var rows = await door.RowsAsync(2);
        rows.Select(row => ((long)row["prompt_tokens"]!, (long)row["completion_tokens"]!, (bool)row["estimated"]!, (bool)row["stream"]!)).ShouldBe([(8, 3, true, true), (40, 30, false, true)], ignoreOrder: false);
        rows.Select(row => (decimal)row["cost"]!).ShouldBe([0.00003m, 0.00024m]);
    }

    [Fact]
    public async Task A_client_that_leaves_pays_for_what_was_read_and_sent_until_then()
    {
        await using var door = await OpenAsync();
        var began = new TaskCompletionSource();
        upstream.Then(async http =>
        {
            began.SetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        }).Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Chunk() + UsageAnswers.Chunk());
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        });

        using (var leaving = new CancellationTokenSource())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream: true), Headers = { Authorization = LimitedKeys.Bearer("a") } };
            var call = door.Http.SendAsync(request, leaving.Token);
            await began.Task;
            await leaving.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        using (var answer = await door.CallAsync(stream: true))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte[(UsageAnswers.Chunk() + UsageAnswers.Chunk()).Length], Cancellation);
        }

        var rows = await door.RowsAsync(2, "outcome=cancelled");
        rows.Select(row => ((long)row["status"]!, (long)row["prompt_tokens"]!, (long)row["completion_tokens"]!, (bool)row["estimated"]!)).ShouldBe([(499, 8, 2, true), (499, 8, 0, true)]);
    }

    [Fact]
    public async Task What_is_refused_or_fails_is_recorded_and_costs_nothing()
    {
        await using var door = await OpenAsync(new CallerLimits { RequestsPerMinute = 2 });
        upstream.ThenJson(500, """{"error":{"message":"out of order"}}""").ThenJson(400, """{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}""");

        (await door.FinishAsync()).ShouldBe(HttpStatusCode.BadGateway);
        (await door.FinishAsync()).ShouldBe(HttpStatusCode.BadRequest);
        (await door.FinishAsync()).ShouldBe(HttpStatusCode.TooManyRequests);

        var rows = await door.RowsAsync(3);
        rows.Select(row => ((string?)row["outcome"], (long)row["status"]!, (long)row["attempts"]!, (string?)row["upstream"])).ShouldBe([("limited", 429, 0, null), ("refused", 400, 1, "east"), ("failed", 502, 1, "east")]);
        rows.ShouldAllBe(row => (long)row["prompt_tokens"]! == 0 && (long)row["completion_tokens"]! == 0 && (decimal)row["cost"]! == 0 && !(bool)row["estimated"]!);
    }

    [Fact]
    public async Task A_kept_answer_is_recorded_and_uses_nothing()
    {
        await using var door = await UsageDoor.OpenAsync(database, upstream, arguments: "--Gateway:Cache:Enabled=true");
        upstream.ThenJson(200, UsageAnswers.Plain(100, 10));

        await door.FinishAsync();
        await door.FinishAsync();

        (await door.RowsAsync(2)).Select(row => ((string?)row["outcome"], (string?)row["upstream"], (long)row["status"]!, (long)row["prompt_tokens"]!, (decimal)row["cost"]!, (long)row["attempts"]!)).ShouldBe([("cached", "cache", 200, 0, 0, 0), ("ok", "east", 200, 100, 0.00021m, 1)]);
        (await door.RowsAsync(1, "outcome=cached")).ShouldHaveSingleItem();
    }

    [Fact]
    public void Rows_cannot_be_kept_shorter_than_budgets_look_back() =>
        Should.Throw<Gateway.Configuration.ConfigurationException>(() => GatewayApp.Configure(["--Gateway:Usage:KeepFor=31.00:00:00"])).Message.ShouldContain("Gateway:Usage:KeepFor must be from 32 days");

    [Fact]
    public async Task Rows_are_filtered_paged_and_summed()
    {
        await using var door = await OpenAsync();
        upstream.ThenJson(200, UsageAnswers.Plain(100, 10));
        for (var i = 0; i < 9; i++) await door.FinishAsync(key: i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c", model: i < 6 ? "m" : "free");
        var all = await door.RowsAsync(9);

        (await door.RowsAsync(3, "key=a")).ShouldAllBe(row => (string?)row["key"] == "a");
        (await door.RowsAsync(6, "team=red")).ShouldAllBe(row => (string?)row["team"] == "red");
        await door.RowsAsync(6, "key=a&key=c");
        await door.RowsAsync(2, "key=c&model=m&upstream=east&outcome=ok");
        await door.RowsAsync(0, "outcome=failed");
        await door.RowsAsync(0, $"from={UsageDoor.Now.ToUnixTimeSeconds() + 60}");
        await door.RowsAsync(9, $"from=0&to={UsageDoor.Now.ToUnixTimeSeconds() + 60}");

        var seen = new List<string>();
        for (var after = ""; ;)
        {
            var page = await door.AskAsync("admin/v1/usage?limit=4" + after);
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["id"]!));
            ((string?)page["last_id"]).ShouldBe(seen[^1]);
            if (!(bool)page["has_more"]!) break;
            after = "&after=" + (string)page["last_id"]!;
        }

        seen.ShouldBe(all.Select(row => (string)row["id"]!));
        (await SumsAsync(door, "group_by=key")).ShouldBe(["a 3 300 30 0.00042", "b 3 300 30 0.00042", "c 3 300 30 0.00042"]);
        (await SumsAsync(door, "group_by=team")).Order().ShouldBe([" 3 300 30 0.00042", "red 6 600 60 0.00084"]);
        (await SumsAsync(door, "group_by[]=model&group_by[]=key&model=m")).ShouldBe(["m a 2 200 20 0.00042", "m b 2 200 20 0.00042", "m c 2 200 20 0.00042"]);
        (await SumsAsync(door, "group_by=key&limit=2&page=2")).ShouldBe(["c 3 300 30 0.00042"]);
        ((string?)(await door.AskAsync("admin/v1/usage?group_by=key&limit=2"))["next_page"]).ShouldBe("2");
        var days = (await door.AskAsync("admin/v1/usage?group_by=day"))["data"]!.AsArray();
        days.Sum(day => (long)day!["calls"]!).ShouldBe(9);
        days.ShouldAllBe(day => (long)day!["day"]! % 86_400 == 0);
        (await door.AskAsync("admin/v1/usage?group_by=hour"))["data"]!.AsArray().ShouldAllBe(hour => (long)hour!["hour"]! % 3_600 == 0);
    }

    [Theory]
    [InlineData("admin/v1/usage?limit=0", "limit")]
    [InlineData("admin/v1/usage?limit=1001", "limit")]
    [InlineData("admin/v1/usage?limit=x", "limit")]
    [InlineData("admin/v1/usage?from=yesterday", "from")]
    [InlineData("admin/v1/usage?from=-1", "from")]
    [InlineData("admin/v1/usage?from=20&to=10", "to")]
    [InlineData("admin/v1/usage?outcome=nice", "outcome")]
    [InlineData("admin/v1/usage?group_by=colour", "group_by")]
    [InlineData("admin/v1/usage?colour=red", "colour")]
    [InlineData("admin/v1/usage?key=%00", "key")]
    [InlineData("admin/v1/usage?page=1", "page")]
    [InlineData("admin/v1/usage?group_by=key&after=1", "after")]
    [InlineData("v1/organization/usage/completions", "start_time")]
    [InlineData("v1/organization/usage/completions?start_time=x", "start_time")]
    [InlineData("v1/organization/usage/completions?start_time=9999999999999", "start_time")]
    [InlineData("v1/organization/usage/completions?start_time=10&end_time=10", "end_time")]
    [InlineData("v1/organization/usage/completions?start_time=1&bucket_width=1w", "bucket_width")]
    [InlineData("v1/organization/usage/completions?start_time=1&limit=32", "limit")]
    [InlineData("v1/organization/usage/completions?start_time=1&bucket_width=1h&limit=169", "limit")]
    [InlineData("v1/organization/usage/completions?start_time=1&group_by=line_item", "group_by")]
    [InlineData("v1/organization/usage/completions?start_time=1&batch=maybe", "batch")]
    [InlineData("v1/organization/usage/completions?start_time=1&page=page_x", "page")]
    [InlineData("v1/organization/usage/completions?start_time=86400&page=page_AAAAAAAAAAA", "page")]
    [InlineData("v1/organization/costs?start_time=1&bucket_width=1h", "bucket_width")]
    [InlineData("v1/organization/costs?start_time=1&limit=181", "limit")]
    [InlineData("v1/organization/costs?start_time=1&group_by=model", "group_by")]
    public async Task A_wrong_parameter_is_named(string path, string param)
    {
        await using var door = await OpenAsync();

        ((string?)(await door.AskAsync(path, HttpStatusCode.BadRequest))["error"]!["param"]).ShouldBe(param);
    }

    [Fact]
    public async Task An_id_that_is_none_is_not_found()
    {
        await using var door = await OpenAsync();

        ((string?)(await door.AskAsync("admin/v1/usage?after=nothing", HttpStatusCode.NotFound))["error"]!["param"]).ShouldBe("after");
    }

    [Theory]
    [InlineData("admin/v1/usage")]
    [InlineData("v1/organization/usage/completions?start_time=1")]
    [InlineData("v1/organization/costs?start_time=1")]
    public async Task Only_the_admin_key_opens_it(string path)
    {
        await using var door = await OpenAsync();

        foreach (var (key, status) in ((System.Net.Http.Headers.AuthenticationHeaderValue?, HttpStatusCode)[])[(null, HttpStatusCode.Unauthorized), (new("Bearer", "sk-nobodys"), HttpStatusCode.Unauthorized), (LimitedKeys.Bearer("a"), HttpStatusCode.Forbidden), (new("Bearer", UsageDoor.Admin), HttpStatusCode.OK)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = key } };
            using var answer = await door.Http.SendAsync(request, Cancellation);
            answer.StatusCode.ShouldBe(status);
        }
    }

    [Fact]
    public async Task Buckets_have_what_came_in_them()
    {
        await using var door = await OpenAsync();
        var store = door.Services.GetRequiredService<UsageStore>();
        var day = DateTimeOffset.FromUnixTimeSeconds(86_400 * 20_000);
        UsageRow[] rows =
        [
            UsageDoor.Row(at: day) with { Team = "red" }, UsageDoor.Row(at: day.AddHours(23.99)) with { KeyId = "b", AnsweredModel = "n", CachedTokens = 4 },
            UsageDoor.Row(at: day.AddDays(1)), UsageDoor.Row(at: day.AddDays(1).AddHours(2)) with { Operation = "embeddings" },
            UsageDoor.Row(at: day.AddDays(1)) with { Outcome = "limited", PromptTokens = 0, CompletionTokens = 0, Cost = 0 }, UsageDoor.Row(at: day.AddDays(3)),
        ];
        await store.WriteAsync(rows, null, Cancellation);
        var range = $"start_time={day.ToUnixTimeSeconds()}&end_time={day.AddDays(3).ToUnixTimeSeconds()}";

        var page = await door.AskAsync("v1/organization/usage/completions?" + range);
        ((bool)page["has_more"]!, (string?)page["next_page"]).ShouldBe((false, null));
        Seen(page, "input_tokens", "output_tokens", "input_cached_tokens", "num_model_requests").ShouldBe(["0: 20 10 4 2", "86400: 10 5 0 1", "172800:"]);
        Seen(await door.AskAsync($"v1/organization/usage/completions?{range}&group_by=model&group_by=project_id"), "model", "project_id", "input_tokens", "api_key_id").ShouldBe(["0: m red 10 , n  10 ", "86400: m  10 ", "172800:"]);
        Seen(await door.AskAsync($"v1/organization/usage/completions?{range}&api_key_ids=b"), "num_model_requests").ShouldBe(["0: 1", "86400:", "172800:"]);
        Seen(await door.AskAsync($"v1/organization/usage/completions?{range}&batch=true"), "num_model_requests").ShouldBe(["0:", "86400:", "172800:"]);
        Seen(await door.AskAsync($"v1/organization/costs?{range}&group_by[]=line_item"), "line_item", "amount.value").ShouldBe(["0: m 0.00001, n 0.00001", "86400: m 0.00002", "172800:"]);
        Seen(await door.AskAsync($"v1/organization/usage/completions?start_time={day.ToUnixTimeSeconds() + 86_395}&end_time={day.AddDays(1).ToUnixTimeSeconds() + 30}&bucket_width=1m"), "num_model_requests").ShouldBe(["86340:", "86400: 1"]);

        var first = await door.AskAsync($"v1/organization/usage/completions?{range}&limit=2");
        (first["data"]!.AsArray().Count, (bool)first["has_more"]!).ShouldBe((2, true));
        Seen(await door.AskAsync($"v1/organization/usage/completions?{range}&limit=2&page={(string?)first["next_page"]}"), "num_model_requests").ShouldBe(["172800:"]);

        List<string> Seen(JsonNode answer, params string[] fields) => [.. answer["data"]!.AsArray().Select(bucket =>
            $"{(long)bucket!["start_time"]! - day.ToUnixTimeSeconds()}:{string.Join(',', bucket["results"]!.AsArray().Select(result => " " + string.Join(' ', fields.Select(field => field == "amount.value" ? result!["amount"]!["value"]!.ToString() : result![field]?.ToString()))))}")];
    }

    [Fact]
    public async Task What_is_written_again_counts_once_and_an_earlier_stage_changes_nothing()
    {
        await using var door = await OpenAsync();
        var store = door.Services.GetRequiredService<UsageStore>();
        var row = UsageDoor.Row();
        var running = row with { Stage = UsageStages.Running, Outcome = "running", Owner = "p", CompletionTokens = 1, DurationMs = 1_000 };

        await store.WriteAsync([running with { CompletionTokens = 2, DurationMs = 2_000 }, running], "p", Cancellation);
        (await OneAsync()).ShouldBe(("running", 2)); // the one that is further
        (await store.OwnersAsync(Cancellation)).ShouldBe([new UsageOwner { Id = "p", Beat = 1 }]);
        (await store.InterruptAsync("p", Cancellation)).ShouldBe(1);
        await store.WriteAsync([running with { CompletionTokens = 3, DurationMs = 3_000 }], "p", Cancellation);
        (await OneAsync()).ShouldBe(("interrupted", 2));
        await store.WriteAsync([row, running], null, Cancellation); // it had only seemed dead
        await store.WriteAsync([row], null, Cancellation);
        (await OneAsync()).ShouldBe(("ok", 5));

        async Task<(string?, long)> OneAsync() => (await door.RowsAsync(1)).Select(one => ((string?)one["outcome"], (long)one["completion_tokens"]!)).Single();
    }

    [Fact]
    public async Task Calls_of_a_process_without_life_are_closed_and_those_of_one_that_lives_are_not()
    {
        var time = new FakeTimeProvider(UsageDoor.Now);
        await using var door = await OpenAsync();
        var store = door.Services.GetRequiredService<UsageStore>();
        var upkeep = ActivatorUtilities.CreateInstance<UsageUpkeep>(door.Services, time);
        var running = UsageDoor.Row() with { Stage = UsageStages.Running, Outcome = "running", Owner = "dead" };
        await store.WriteAsync([running], "dead", Cancellation);
        await store.WriteAsync([UsageDoor.Row() with { Stage = UsageStages.Running, Outcome = "running", Owner = "alive" }], "alive", Cancellation);

        for (var look = 0; look < 3; look++)
        {
            (await upkeep.LookAsync(Cancellation)).ShouldBe(0);
            time.Advance(TimeSpan.FromSeconds(2));
            await store.WriteAsync([], "alive", Cancellation);
        }

        (await upkeep.LookAsync(Cancellation)).ShouldBe(1);
        (await door.RowsAsync(1, "outcome=interrupted")).ShouldAllBe(row => (string?)row["id"] == running.Id && (long)row["completion_tokens"]! == 5);
        await door.RowsAsync(1, "outcome=running");
    }

    [Fact]
    public async Task A_running_call_is_there_with_what_it_has_used_so_far()
    {
        await using var door = await OpenAsync();
        var (more, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        upstream.Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Chunk());
            await http.Response.Body.FlushAsync();
            await more.Task;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Chunk() + UsageAnswers.Chunk());
            await http.Response.Body.FlushAsync();
            await end.Task;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, UsageAnswers.Chunk(last: true) + UsageAnswers.Counted(70, 60) + UsageAnswers.Done);
        });

        using var answer = await door.CallAsync(stream: true);
        var id = (await SeenAsync(1)).ToString();
        more.SetResult();
        (await SeenAsync(3)).ShouldBe(id);
        end.SetResult();
        await answer.Content.ReadAsStringAsync(Cancellation);
        await Eventually.TrueAsync(async () => (string?)(await door.RowsAsync(1))[0]["outcome"] == "ok");

        var row = (await door.RowsAsync(1)).Single();
        ((string?)row["id"], (long)row["prompt_tokens"]!, (long)row["completion_tokens"]!, (bool)row["estimated"]!).ShouldBe((id, 70, 60, false));

        async Task<string> SeenAsync(long completion)
        {
            JsonNode running = null!;
            await Eventually.TrueAsync(async () => (long)(running = (await door.RowsAsync(1, "outcome=running"))[0])["completion_tokens"]! == completion);
            ((long)running["prompt_tokens"]!, (string?)running["upstream"], (decimal)running["cost"]!).ShouldBe((8, "east", 0.000012m + (completion * 0.000006m)));
            return (string)running["id"]!;
        }
    }

    [Fact]
    public async Task A_budget_goes_on_after_a_restart()
    {
        upstream.ThenJson(200, UsageAnswers.Plain(0, 100_000)); // 0.6
        var limits = new CallerLimits { BudgetPerDay = 1m, BudgetPerMonth = 1m };
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 5, 12, 0, 0, TimeSpan.Zero));
        await using (var door = await OpenAsync(limits, With(time)))
        {
            (await door.FinishAsync()).ShouldBe(HttpStatusCode.OK);
            (await door.FinishAsync()).ShouldBe(HttpStatusCode.OK);
            (await door.FinishAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        }

        await using (var door = await OpenAsync(limits, With(time))) (await door.FinishAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        await using (var door = await OpenAsync(limits with { BudgetPerDay = 2, BudgetPerMonth = 2 }, With(time))) (await door.FinishAsync()).ShouldBe(HttpStatusCode.OK);
        time.SetUtcNow(new DateTimeOffset(2031, 6, 1, 0, 0, 1, TimeSpan.Zero));
        await using (var door = await OpenAsync(limits, With(time))) (await door.FinishAsync()).ShouldBe(HttpStatusCode.OK);

        static Action<IServiceCollection> With(TimeProvider time) => services => services.AddSingleton(time);
    }

    [Fact]
    public async Task What_is_past_its_time_is_deleted()
    {
        await using var door = await OpenAsync();
        var store = door.Services.GetRequiredService<UsageStore>();
        await store.WriteAsync([.. Enumerable.Range(0, 5_000).Select(_ => UsageDoor.Row(at: UsageDoor.Now.AddDays(-401)))], "gone", Cancellation);
        await store.WriteAsync([UsageDoor.Row(at: UsageDoor.Now.AddDays(-399))], null, Cancellation);

        (await door.Services.GetRequiredService<UsageUpkeep>().SweepAsync(Cancellation)).ShouldBe(5_000);

        await door.RowsAsync(1);
    }

    [Fact]
    public async Task Names_that_a_database_would_not_take_are_made_so_that_it_does()
    {
        await using var door = await OpenAsync();
        upstream.ThenJson(200, UsageAnswers.Plain(1, 1));

        (await door.FinishAsync(model: @"any/\u0000x")).ShouldBe(HttpStatusCode.OK);
        (await door.FinishAsync(model: "any/" + new string('é', 1_000))).ShouldBe(HttpStatusCode.OK);

        (await door.RowsAsync(2)).Select(row => (string?)row["model"]).ShouldBe(["any/" + new string('é', 252), "any/\uFFFDx"]);
    }

    private static async Task<List<string>> SumsAsync(Door door, string query) =>
        [.. (await door.AskAsync("admin/v1/usage?" + query))["data"]!.AsArray().Select(sum => string.Join(' ', sum!.AsObject().Where(field => field.Key is not ("cached_tokens" or "reasoning_tokens" or "estimated_calls")).Select(field => field.Value?.ToString() ?? "")))];
}
