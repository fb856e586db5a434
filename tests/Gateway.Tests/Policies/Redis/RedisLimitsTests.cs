using CsCheck;
using Gateway.Policies;
using Gateway.Policies.Redis;
using StackExchange.Redis;

namespace Gateway.Tests.Policies.Redis;

/// <summary>Redis decides what this process would have decided.</summary>
public sealed class RedisLimitsTests(RedisProcess server) : IClassFixture<RedisProcess>
{
    private static readonly Gen<int> Milliseconds = Gen.Frequency((3, Gen.Const(0)), (4, Gen.Int[1, 900]), (3, Gen.Int[900, 5_000]), (1, Gen.Int[50_000, 130_000]), (1, Gen.Int[3_000_000, 90_000_000]));
    private static readonly Gen<int?> Bound = Gen.Frequency((1, Gen.Const((int?)null)), (2, Gen.Int[1, 9].Select(number => (int?)number)));

    private static readonly Gen<CallerLimits> Limits = Gen.Select(Bound, Bound, Bound, Bound, Bound, Bound, Bound).Select(static bounds => new CallerLimits
    {
        RequestsPerMinute = bounds.Item1,
        RequestsPerDay = bounds.Item2 * 3,
        TokensPerMinute = bounds.Item3 * 20,
        TokensPerDay = bounds.Item4 * 60,
        MaxConcurrent = bounds.Item5,
        BudgetPerDay = bounds.Item6,
        BudgetPerMonth = bounds.Item7 * 2,
    });

    [Fact]
    public async Task Whatever_calls_come_and_end_it_says_the_same()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var steps = Gen.Select(Milliseconds, Gen.Int[0, 6], Gen.Int[0, 60], Gen.Int[0, 2_000_000], Gen.Bool).Array[1, 60];
        await Gen.Select(Limits, Limits, Gen.Bool, steps).SampleAsync(async (key, team, hasTeam, calls) =>
        {
            await redis.ClearAsync();
            using var local = new LocalLimits(redis.Time);
            var running = new List<(Hold Local, Hold Redis)>();
            try
            {
                foreach (var (pause, action, tokens, money, patient) in calls)
                {
                    await redis.AdvanceAsync(TimeSpan.FromMilliseconds(pause));
                    redis.Limits.Renew();
                    if (action < 2 && running.Count > 0) End(running, tokens % running.Count, isMade: action == 1, tokens * 2, money);
                    else await CompareAsync(redis, local, Asks.Of(patient ? key with { QueueTimeout = TimeSpan.FromSeconds(1) } : key, tokens, Money.Of(money * 100L), team: hasTeam ? team : null, periods: new BudgetCalendar(redis.Time).Now("UTC")), running);
                }
            }
            finally
            {
                while (running.Count > 0) End(running, 0, isMade: false, 0, 0); // or they would be renewed
                await redis.DecideAsync(Asks.Of(CallerLimits.None)); // what was sent before it is done
            }

            return true;
        }, iter: 100, threads: 1);
    }

    private static void End(List<(Hold Local, Hold Redis)> running, int which, bool isMade, long tokens, long cost)
    {
        var (here, there) = running[which];
        running.RemoveAt(which);
        foreach (var hold in (Hold[])[here, there])
            if (isMade) hold.Settle(tokens, cost);
            else hold.GiveBack();
    }

    private static async Task CompareAsync(SteppedRedis redis, LocalLimits local, Ask ask, List<(Hold Local, Hold Redis)> running)
    {
        Decision mine;
        while ((mine = local.Decide(ask, takePlace: true)).Outcome == Outcome.Unseeded) await SeedAsync(local, ask);
        Decision theirs;
        while ((theirs = await redis.DecideAsync(ask)).Outcome == Outcome.Unseeded) await SeedAsync(redis.Limits, ask);
        if (theirs.Hold is { } there) running.Add((mine.Hold ?? there, there));
        (theirs.Outcome, theirs.Refusal, theirs.Requests, theirs.Tokens).ShouldBe((mine.Outcome, mine.Refusal, mine.Requests, mine.Tokens));
    }

    [Fact]
    public async Task A_clock_that_went_back_a_little_is_waited_for_and_one_that_went_back_by_hours_is_believed()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { RequestsPerMinute = 2 };
        var began = redis.Time.GetUtcNow();
        await redis.DecideAsync(Asks.Of(limits));
        await redis.SetClockAsync(began - TimeSpan.FromSeconds(30));
        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Admitted);

        await redis.SetClockAsync(began + TimeSpan.FromSeconds(59));
        (await redis.DecideAsync(Asks.Of(limits))).Refusal!.Wait.ShouldBe(TimeSpan.FromSeconds(1));
        await redis.SetClockAsync(began - TimeSpan.FromHours(1));
        (await redis.DecideAsync(Asks.Of(limits))).Requests.ShouldBe(new Standing(2, 1, TimeSpan.FromMinutes(1)));
        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Admitted);
        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Refused);
    }

    [Fact]
    public async Task Places_of_a_gateway_that_says_nothing_come_free_and_those_of_one_that_renews_them_do_not()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { MaxConcurrent = 1 };
        var hold = (await redis.DecideAsync(Asks.Of(limits))).Hold!;
        for (var renewals = 0; renewals < 5; renewals++)
        {
            await redis.AdvanceAsync(RedisLimits.Lease * 0.9);
            redis.Limits.Renew();
            (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Refused);
        }

        await redis.AdvanceAsync(RedisLimits.Lease);
        var next = await redis.DecideAsync(Asks.Of(limits));
        next.Outcome.ShouldBe(Outcome.Admitted);
        hold.Settle(0, 0);
        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Refused); // its own place was long gone
        next.Hold!.Settle(0, 0);
        redis.Limits.Renew();
        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Admitted);
    }

    [Fact]
    public async Task Money_reserved_by_a_gateway_that_says_nothing_comes_free_but_for_what_its_call_had_used()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var used = 0m;
        var ask = Asks.Of(new CallerLimits { BudgetPerDay = 10, BudgetPerMonth = 10 }, cost: 8, team: new CallerLimits { BudgetPerMonth = 10 }, periods: new BudgetCalendar(redis.Time).Now("UTC"), costSoFar: () => Money.Units(used));
        await SeedAsync(redis.Limits, ask);
        var gone = (await redis.DecideAsync(ask)).Hold!;
        for (var renewals = 0; renewals < 5; renewals++)
        {
            await redis.AdvanceAsync(RedisLimits.Lease * 0.9);
            used += 0.5m;
            redis.Limits.Renew();
            (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(8));
        }

        await redis.AdvanceAsync(RedisLimits.Lease);
        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(2.5m));
        redis.Limits.Renew(); // it had only seemed gone
        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(8));
        await redis.AdvanceAsync(RedisLimits.Lease);
        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(2.5m));

        gone.Settle(0, Money.Units(6)); // nor was it now

        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(6));
        await redis.AdvanceAsync(RedisLimits.Lease * 2);
        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(6));
    }

    [Fact]
    public async Task Running_calls_have_their_places_again_after_redis_was_emptied()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { MaxConcurrent = 1 };
        await redis.DecideAsync(Asks.Of(limits));
        await redis.ClearAsync();

        redis.Limits.Renew();

        (await redis.DecideAsync(Asks.Of(limits))).Outcome.ShouldBe(Outcome.Refused);
    }

    [Fact]
    public async Task Money_of_calls_that_ran_while_redis_was_emptied_is_counted_whole()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { BudgetPerMonth = 10 };
        var ask = Asks.Of(limits, cost: 3, periods: new BudgetCalendar(redis.Time).Now("UTC"));
        await SeedAsync(redis.Limits, ask);
        var running = (await redis.DecideAsync(ask)).Hold!;
        await redis.ClearAsync();
        (await redis.DecideAsync(ask)).Outcome.ShouldBe(Outcome.Unseeded);
        await redis.AdvanceAsync(TimeSpan.FromMilliseconds(1)); // another count
        await SeedAsync(redis.Limits, ask, Money.Units(5));

        running.Settle(0, Money.Units(2.5m));

        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(7.5m));
    }

    [Fact]
    public async Task Money_of_calls_that_ended_before_the_count_began_is_in_it_already()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var ask = Asks.Of(new CallerLimits { BudgetPerMonth = 10 }, cost: 3, periods: new BudgetCalendar(redis.Time).Now("UTC"));
        await redis.SetClockAsync(redis.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await SeedAsync(redis.Limits, ask, Money.Units(8));

        redis.Limits.Spent(ask, Money.Units(2)); // a second ago, and it comes only now

        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(8));
        await redis.AdvanceAsync(TimeSpan.FromSeconds(2));
        redis.Limits.Spent(ask, Money.Units(2));
        (await redis.DecideAsync(ask)).Refusal!.Used.ShouldBe(Money.Units(10));
    }

    [Fact]
    public async Task Scripts_that_redis_forgot_are_sent_again()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { RequestsPerMinute = 3 };
        await redis.DecideAsync(Asks.Of(limits));

        await redis.Database.Multiplexer.GetServers()[0].ScriptFlushAsync();

        (await redis.DecideAsync(Asks.Of(limits))).Requests!.Value.Remaining.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_used_any_more_expires()
    {
        await using var redis = await SteppedRedis.OpenAsync(server.Address);
        var limits = new CallerLimits { RequestsPerMinute = 3, TokensPerDay = 10, MaxConcurrent = 2, BudgetPerDay = 1 };
        var ask = Asks.Of(limits, tokens: 1, team: new CallerLimits { RequestsPerMinute = 9 }, periods: new BudgetCalendar(redis.Time).Now("UTC"));
        await SeedAsync(redis.Limits, ask);
        await redis.DecideAsync(ask);

        foreach (var key in redis.Database.Multiplexer.GetServers()[0].Keys().Where(key => key != "clock"))
            (await redis.Database.KeyTimeToLiveAsync(key)).ShouldNotBeNull(key.ToString());
        redis.Database.KeyTimeToLive(RedisKeys.Of(ask)[4])!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(61));
    }

    private static async Task SeedAsync(LocalLimits store, Ask ask)
    {
        foreach (var owner in Owners(ask))
            foreach (var period in (Period[])[ask.Periods!.Day, ask.Periods.Month]) await store.SeedAsync(owner, period, 0);
    }

    private static async Task SeedAsync(RedisLimits store, Ask ask, long spent = 0)
    {
        foreach (var owner in Owners(ask))
            foreach (var period in (Period[])[ask.Periods!.Day, ask.Periods.Month]) (await store.SeedAsync(owner, period, spent)).ShouldBeTrue();
    }

    private static IEnumerable<Owner> Owners(Ask ask) => ask.Team is { } team ? [ask.Key, team] : [ask.Key];
}
