using Gateway.Policies;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

public sealed class BudgetTests : IDisposable
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.Parse("2026-11-27T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly LocalLimits store;
    private readonly BudgetCalendar calendar;
    private readonly CallerLimits limits = new() { BudgetPerDay = 1m, BudgetPerMonth = 2m };

    public BudgetTests() => (store, calendar) = (new LocalLimits(time), new BudgetCalendar(time));

    public void Dispose() => store.Dispose();

    [Theory]
    [InlineData("UTC", "2026-11-27T12:00:00Z", "2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")]
    [InlineData("Asia/Tokyo", "2026-11-30T15:00:00Z", "2026-11-30T15:00:00Z", "2026-12-01T15:00:00Z", "2026-11-30T15:00:00Z", "2026-12-31T15:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")] // 23 hours
    [InlineData("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")] // 25 hours
    [InlineData("America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z")] // midnight comes twice
    [InlineData("America/Havana", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z")] // and never
    public void Days_and_months_are_those_of_the_place(string zone, string at, string dayBegins, string dayEnds, string monthBegins, string monthEnds)
    {
        var clock = new FakeTimeProvider(At(at));
        var periods = new BudgetCalendar(clock).Now(zone);

        periods.ShouldBe(new Periods(new Period(At(dayBegins), At(dayEnds)), new Period(At(monthBegins), At(monthEnds))));
    }

    [Fact]
    public void Every_moment_of_years_is_in_one_day_that_begins_where_the_last_one_ended()
    {
        foreach (var zone in (string[])["Europe/Berlin", "America/Havana", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"])
        {
            var clock = new FakeTimeProvider(At("2015-01-01T00:00:00Z"));
            var days = new BudgetCalendar(clock);
            var day = days.Now(zone).Day;
            for (var hour = 0; hour < 24 * 365 * 8; hour++)
            {
                clock.Advance(TimeSpan.FromHours(1));
                var periods = days.Now(zone);
                periods.Day.Has(clock.GetUtcNow()).ShouldBeTrue($"{zone} {clock.GetUtcNow():O}");
                periods.Month.Has(clock.GetUtcNow()).ShouldBeTrue();
                if (periods.Day == day) continue;
                periods.Day.Begins.ShouldBe(day.Ends);
                (day.Ends - day.Begins).TotalHours.ShouldBeInRange(22.5, 25.5);
                day = periods.Day;
            }
        }
    }

    [Fact]
    public async Task What_is_reserved_counts_until_it_is_settled_by_what_it_cost()
    {
        await SeedAsync(0.25m, 0.25m);
        var first = store.Decide(Of(0.5m));
        store.Decide(Of(0.26m)).Refusal.ShouldBe(new Refusal(Bound.BudgetPerDay, new Owner("k", false, limits), Money.Units(1), Money.Units(0.75m), Money.Units(0.26m), TimeSpan.FromHours(12)));

        first.Hold!.Settle(0, Money.Units(0.1m));

        store.Decide(Of(0.65m)).Outcome.ShouldBe(Outcome.Admitted);
        store.Decide(Of(0.00000001m)).Outcome.ShouldBe(Outcome.Refused);
        store.Decide(Of(0)).Outcome.ShouldBe(Outcome.Refused); // nothing is left, also for what costs nothing
    }

    [Fact]
    public async Task A_day_begins_anew_and_its_month_goes_on()
    {
        await SeedAsync(0, 0);
        store.Decide(Of(0.9m)).Hold!.Settle(0, Money.Units(0.9m));
        var overMidnight = store.Decide(Of(0.1m)).Hold!;
        time.Advance(TimeSpan.FromHours(12));
        store.Decide(Of(0.5m)).Outcome.ShouldBe(Outcome.Unseeded);
        await SeedAsync(0, 77); // the month is known

        overMidnight.Settle(0, Money.Units(0.2m)); // of the day that is over, and of this month
        store.Decide(Of(0.9m)).Outcome.ShouldBe(Outcome.Admitted);
        store.Decide(Of(0.01m)).Refusal!.Bound.ShouldBe(Bound.BudgetPerMonth);
    }

    [Fact]
    public async Task A_clock_that_jumps_is_believed_and_what_was_spent_is_asked_for_again()
    {
        await SeedAsync(0, 0);
        store.Decide(Of(0.5m)).Hold!.Settle(0, Money.Units(0.5m));
        time.Advance(TimeSpan.FromDays(40));
        store.Decide(Of(0.1m)).Outcome.ShouldBe(Outcome.Unseeded);
        await SeedAsync(0, 0);
        store.Decide(Of(0.9m)).Outcome.ShouldBe(Outcome.Admitted);
    }

    [Fact]
    public async Task Many_calls_at_once_ask_once_what_was_spent_before()
    {
        var spent = new Spent();
        var seeds = new Seeds(spent, NullLogger<Seeds>.Instance);
        var ask = Asks.Of(limits, cost: 0.1m, periods: calendar.Now("UTC"), team: new CallerLimits { BudgetPerMonth = 5 });
        var sown = Enumerable.Range(0, 50).Select(_ => seeds.SowAsync(store, ask, TestContext.Current.CancellationToken)).ToList();
        spent.Answer.SetResult(1.95m);
        await Task.WhenAll(sown);

        spent.Asked.ShouldBe(["k day", "k month", "t month"], ignoreOrder: true);
        store.Decide(ask).Refusal!.Bound.ShouldBe(Bound.BudgetPerDay); // 1.95 is more than a day's
    }

    [Fact]
    public async Task Where_nobody_can_tell_calls_are_counted_from_here_on_and_it_is_asked_again_soon()
    {
        var spent = new Spent();
        var seeds = new Seeds(spent, NullLogger<Seeds>.Instance);
        spent.Answer.SetException(new InvalidOperationException("the database is locked"));
        var ask = Asks.Of(limits, cost: 0.6m, periods: calendar.Now("UTC"));
        await seeds.SowAsync(store, ask, TestContext.Current.CancellationToken);

        store.Decide(ask).Outcome.ShouldBe(Outcome.Admitted);
        store.Decide(ask).Outcome.ShouldBe(Outcome.Refused); // what passed meanwhile is counted
        time.Advance(TimeSpan.FromSeconds(5));
        store.Decide(ask).Outcome.ShouldBe(Outcome.Unseeded);
        await SeedAsync(0.3m, 0.3m); // not written yet, the one that passed
        store.Decide(Of(0.5m)).Outcome.ShouldBe(Outcome.Refused);
        store.Decide(Of(0.4m)).Outcome.ShouldBe(Outcome.Admitted);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private Ask Of(decimal cost) => Asks.Of(limits, cost: cost, periods: calendar.Now("UTC"));

    private async Task SeedAsync(decimal day, decimal month)
    {
        var periods = calendar.Now("UTC");
        await store.SeedAsync(new Owner("k", false, limits), periods.Day, Money.Units(day));
        await store.SeedAsync(new Owner("k", false, limits), periods.Month, Money.Units(month));
    }

    private sealed class Spent : ISpentMoney
    {
        public TaskCompletionSource<decimal> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Asked { get; } = [];

        public ValueTask<decimal> SpentAsync(string owner, bool isTeam, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation)
        {
            lock (Asked) Asked.Add($"{owner} {(until - from > TimeSpan.FromDays(2) ? "month" : "day")}");
            return new(Answer.Task);
        }
    }
}
