using System.Globalization;
using System.Net;
using Gateway.Tests.Doors;
using Gateway.Tests.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Policies;

/// <summary>Budgets of days, through a whole gateway whose clock the test sets: what it spends is recorded by that clock and summed by it.</summary>
public sealed class ClockTests : IAsyncLifetime
{
    private const string Call = ",\"max_tokens\":400"; // of which two fit into a day's budget
    private readonly TemporaryFolder folder = new();
    private readonly SetTime time = new();
    private FakeUpstream upstream = null!;
    private int calls;

    public async ValueTask InitializeAsync() => upstream = (await FakeUpstream.StartAsync()).ThenJson(200, UsageAnswers.Plain(10, 400));

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        SqliteConnection.ClearAllPools();
        folder.Dispose();
    }

    private Task<Door> OpenAsync() => UsageDoor.OpenAsync(
        $"Data Source={folder.File("gateway.db")}", upstream, new Gateway.Policies.CallerLimits { BudgetPerDay = 1 }, services => services.AddSingleton<TimeProvider>(time),
        new { Targets = new[] { new { Upstream = "east" } }, Price = new { InputPerMillion = 0, OutputPerMillion = 1_000 } }, "--Gateway:BudgetTimeZone=Europe/Berlin");

    // Once what was called before is written down: a database that is behind says nothing, and then calls are counted from there on.
    private async Task<HttpStatusCode> AtAsync(Door door, string moment)
    {
        await door.RowsAsync(calls++);
        time.Now = DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture);
        return await door.FinishAsync(more: Call);
    }

    [Theory]
    [InlineData("2026-03-28T22:59:00Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:00Z", "2026-03-29T22:00:00Z")] // 23 hours
    [InlineData("2026-10-24T21:59:00Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:00Z", "2026-10-25T23:00:00Z")] // 25 hours
    public async Task A_day_is_as_long_as_its_place_has_it(string before, string begins, string late, string next)
    {
        await using var door = await OpenAsync();
        (await AtAsync(door, before)).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, before)).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, before)).ShouldBe(HttpStatusCode.TooManyRequests);

        (await AtAsync(door, begins)).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, late)).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, late)).ShouldBe(HttpStatusCode.TooManyRequests);
        await using (var another = await OpenAsync()) (await AtAsync(another, late)).ShouldBe(HttpStatusCode.TooManyRequests); // what is recorded says the same
        (await AtAsync(door, next)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_clock_that_jumps_forward_and_back_is_believed_and_each_day_keeps_what_was_spent_in_it()
    {
        await using var door = await OpenAsync();
        (await AtAsync(door, "2026-11-27T12:00:00Z")).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, "2026-11-27T12:00:01Z")).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, "2026-11-27T12:00:02Z")).ShouldBe(HttpStatusCode.TooManyRequests);

        (await AtAsync(door, "2027-01-15T12:00:00Z")).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, "2026-11-27T12:00:03Z")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await AtAsync(door, "2026-11-20T12:00:00Z")).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, "2027-01-15T12:00:01Z")).ShouldBe(HttpStatusCode.OK);
        (await AtAsync(door, "2027-01-15T12:00:02Z")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await AtAsync(door, "2026-11-27T12:00:04Z")).ShouldBe(HttpStatusCode.TooManyRequests);

        var rows = await door.RowsAsync(9);
        rows.Count(row => (decimal)row["cost"]! == 0.4m).ShouldBe(5);
        rows.Count(row => (string?)row["outcome"] == "limited").ShouldBe(4);
    }

    // Says what time it is; how long things take is as ever.
    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.Parse("2026-01-01T00:00:00Z", CultureInfo.InvariantCulture);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
