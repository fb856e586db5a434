using Gateway.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

public sealed class LocalLimitsTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly LocalLimits store;

    public LocalLimitsTests() => store = new LocalLimits(time);

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task Of_two_hundred_calls_at_once_exactly_as_many_pass_as_may()
    {
        var limits = new CallerLimits { RequestsPerMinute = 57 };
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => store.Decide(Asks.Of(limits)))));

        decisions.Count(decision => decision.Outcome == Outcome.Admitted).ShouldBe(57);
        decisions.Where(decision => decision.Outcome == Outcome.Admitted).Select(decision => decision.Requests!.Value.Remaining).Order().ShouldBe(Enumerable.Range(0, 57).Select(i => (long)i));
        decisions.Where(decision => decision.Outcome == Outcome.Refused).ShouldAllBe(decision => decision.Refusal!.Bound == Bound.RequestsPerMinute && decision.Refusal.Wait == TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Keys_of_one_team_share_its_bounds()
    {
        var (key, team) = (new CallerLimits { RequestsPerMinute = 30 }, new CallerLimits { RequestsPerMinute = 40 });
        var decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => store.Decide(Asks.Of(key, id: $"k{i % 4}", team: team)))));

        decisions.Count(decision => decision.Outcome == Outcome.Admitted).ShouldBe(40);
        store.Decide(Asks.Of(key, id: "elsewhere")).Outcome.ShouldBe(Outcome.Admitted);
    }

    [Fact]
    public void A_refusal_takes_nothing_of_the_other_bounds()
    {
        var (key, team) = (new CallerLimits { RequestsPerMinute = 10 }, new CallerLimits { TokensPerMinute = 100 });
        store.Decide(Asks.Of(key, tokens: 101, team: team)).Refusal!.Bound.ShouldBe(Bound.TokensPerMinute);

        store.Decide(Asks.Of(key, tokens: 100, team: team)).Requests!.Value.Remaining.ShouldBe(9);
    }

    [Fact]
    public void Tokens_are_reserved_and_settled_by_what_was_used()
    {
        var limits = new CallerLimits { TokensPerMinute = 100 };
        var first = store.Decide(Asks.Of(limits, tokens: 80));
        first.Tokens.ShouldBe(new Standing(100, 20, TimeSpan.FromMinutes(1)));
        store.Decide(Asks.Of(limits, tokens: 30)).Refusal.ShouldBe(new Refusal(Bound.TokensPerMinute, new Owner("k", false, limits), 100, 80, 30, TimeSpan.FromMinutes(1)));

        time.Advance(TimeSpan.FromSeconds(10));
        first.Hold!.Settle(tokens: 25, cost: 0);
        first.Hold.Settle(tokens: 0, cost: 0); // once is enough
        store.Decide(Asks.Of(limits, tokens: 75)).Outcome.ShouldBe(Outcome.Admitted);
        store.Decide(Asks.Of(limits, tokens: 1)).Refusal!.Wait.ShouldBe(TimeSpan.FromSeconds(50)); // then the first call's are forgotten
        time.Advance(TimeSpan.FromSeconds(50));
        store.Decide(Asks.Of(limits, tokens: 25)).Outcome.ShouldBe(Outcome.Admitted);
    }

    [Fact]
    public void More_than_was_reserved_counts_too()
    {
        var limits = new CallerLimits { TokensPerMinute = 100, RequestsPerDay = 9 };
        store.Decide(Asks.Of(limits, tokens: 50)).Hold!.Settle(tokens: 130, cost: 0);

        var refused = store.Decide(Asks.Of(limits, tokens: 1));
        (refused.Refusal!.Used, refused.Tokens!.Value.Remaining).ShouldBe((130, 0));
    }

    [Fact]
    public void A_call_that_was_never_made_is_given_back_whole()
    {
        var limits = new CallerLimits { RequestsPerMinute = 1, RequestsPerDay = 1, TokensPerMinute = 10, MaxConcurrent = 1 };
        var first = store.Decide(Asks.Of(limits, tokens: 10));
        store.Decide(Asks.Of(limits, tokens: 10)).Outcome.ShouldBe(Outcome.Refused);

        first.Hold!.GiveBack();

        store.Decide(Asks.Of(limits, tokens: 10)).Outcome.ShouldBe(Outcome.Admitted);
    }

    [Fact]
    public void The_tightest_bound_is_the_one_that_is_shown()
    {
        var limits = new CallerLimits { RequestsPerMinute = 10, RequestsPerDay = 3 };

        store.Decide(Asks.Of(limits)).Requests.ShouldBe(new Standing(3, 2, TimeSpan.FromDays(1)));
        store.Decide(Asks.Of(limits, team: new CallerLimits { RequestsPerMinute = 2 })).Requests.ShouldBe(new Standing(3, 1, TimeSpan.FromDays(1)));
        store.Decide(Asks.Of(limits, team: new CallerLimits { RequestsPerMinute = 2, TokensPerDay = 5 }, tokens: 5)).Tokens.ShouldBe(new Standing(5, 0, TimeSpan.FromDays(1)));
    }

    [Fact]
    public void Counters_outlive_a_change_of_limits()
    {
        store.Decide(Asks.Of(new CallerLimits { RequestsPerMinute = 2 }));

        store.Decide(Asks.Of(new CallerLimits { RequestsPerMinute = 1 })).Outcome.ShouldBe(Outcome.Refused);
        store.Decide(Asks.Of(new CallerLimits { RequestsPerMinute = 3 })).Requests!.Value.Remaining.ShouldBe(1);
    }

    [Fact]
    public void Who_used_nothing_lately_is_forgotten_and_who_still_runs_is_not()
    {
        var limits = new CallerLimits { RequestsPerMinute = 1, MaxConcurrent = 1 };
        var running = store.Decide(Asks.Of(limits, id: "running")).Hold!;
        for (var i = 0; i < 100; i++) store.Decide(Asks.Of(limits, id: $"k{i}", team: new CallerLimits { RequestsPerMinute = 1_000 })).Hold!.Settle(0, 0);
        store.Count.ShouldBe(102);

        time.Advance(TimeSpan.FromSeconds(59));
        store.Count.ShouldBe(102);
        time.Advance(TimeSpan.FromMinutes(1)); // it sweeps each minute
        store.Count.ShouldBe(1);
        running.Settle(0, 0);
        time.Advance(TimeSpan.FromMinutes(1));
        store.Count.ShouldBe(0);
        store.Decide(Asks.Of(limits, id: "running")).Outcome.ShouldBe(Outcome.Admitted);
    }
}
