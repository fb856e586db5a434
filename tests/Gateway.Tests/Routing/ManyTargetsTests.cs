using Gateway.Configuration;
using Gateway.Models;
using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Routing;

/// <summary>A thousand targets, a third of them away: simulations of what choices are and what they look at.</summary>
public class ManyTargetsTests
{
    private const int Count = 1_000;
    private readonly FakeTimeProvider time = new();
    private int looks;

    public static TheoryData<string> Balancers => new(Gateway.Routing.Balancers.BalancerNames.All);

    private Router Router => new(time);

    private Target[] Many(int count = Count, Func<int, double>? weight = null) =>
        [.. Enumerable.Range(0, count).Select(at => new Target(new CountedUpstream($"u{at}", () => looks++), "m", weight?.Invoke(at) ?? 1, 0, new TargetHealth(new BreakerOptions { Failures = 1 }, time)))];

    private static PublishedModel Model(string routing, params Target[] targets) => new("m", new ModelOptions { Routing = routing }, targets, 0);

    // An hour, at one limit's or another's wish.
    private void Eject(IEnumerable<Target> targets)
    {
        foreach (var target in targets) target.Health.RateLimited(time.GetTimestamp(), TimeSpan.FromHours(1));
    }

    private Target Ask(PublishedModel model, ulong prefix = 0, long tokens = 1)
    {
        var target = Router.Choose(model, tokens, prefix, []).Target.ShouldNotBeNull();
        target.Leave(tokens);
        return target;
    }

    [Theory]
    [MemberData(nameof(Balancers))]
    public void Who_is_away_is_not_chosen_and_few_are_looked_at(string routing)
    {
        var targets = Many();
        Eject(targets.Where((_, at) => at % 3 == 1));
        var model = Model(routing, targets);
        for (var call = 0; call < 100; call++) Ask(model, (ulong)call + 1); // makes what is kept of them
        looks = 0;

        for (var call = 0; call < 10_000; call++) Ask(model, (ulong)call * 7919).Health.IsAvailable(time.GetTimestamp()).ShouldBeTrue();

        (looks / 10_000.0).ShouldBeLessThan(12); // of a thousand
    }

    [Theory]
    [MemberData(nameof(Balancers))]
    public void The_last_one_is_found(string routing)
    {
        var targets = Many();
        Eject(targets.Where(target => target != targets[700]));
        var model = Model(routing, targets);

        for (var call = 1UL; call < 50; call++) Ask(model, call).ShouldBe(targets[700]);
    }

    [Theory]
    [MemberData(nameof(Balancers))]
    public void A_choice_leaves_nothing_to_collect(string routing)
    {
        var (targets, router) = (Many(), Router);
        Eject(targets.Where((_, at) => at % 3 == 1));
        var (small, large) = (Model(routing, targets[..10]), Model(routing, targets));
        Rounds();

        Allocated.By(Rounds).ShouldBe(0);

        void Rounds()
        {
            for (var call = 0UL; call < 1_000; call++)
            {
                router.Choose(small, 1, call, []).Target!.Leave(1);
                router.Choose(large, 1, call, []).Target!.Leave(1);
            }
        }
    }

    [Theory]
    [InlineData("weighted")]
    [InlineData("prefix")]
    public void Shares_of_those_that_are_there_are_in_proportion_to_their_weights(string routing)
    {
        var targets = Many(weight: at => 1 + (at % 5 / 2.0));
        Eject(targets.Where((_, at) => at % 3 == 1));
        var there = targets.Where((_, at) => at % 3 != 1).ToList();
        var model = Model(routing, targets);

        var picks = Enumerable.Range(1, 200_000).CountBy(call => Ask(model, (ulong)call)).ToDictionary();

        foreach (var weight in (double[])[1, 1.5, 2, 2.5, 3])
        {
            var share = there.Where(target => target.Weight == weight).Sum(target => picks.GetValueOrDefault(target)) / 200_000.0;
            var fair = there.Where(target => target.Weight == weight).Sum(target => target.Weight) / there.Sum(target => target.Weight);
            share.ShouldBe(fair, 0.03 * fair + 0.002, $"weight {weight}");
        }

        there.Max(target => picks.GetValueOrDefault(target) / target.Weight).ShouldBeLessThan(1.5 * 200_000 / there.Sum(target => target.Weight));
        there.Min(target => picks.GetValueOrDefault(target) / target.Weight).ShouldBeGreaterThan(0.5 * 200_000 / there.Sum(target => target.Weight));
    }

    [Fact]
    public void One_that_comes_back_is_given_a_tenth_of_its_share_among_many_too()
    {
        var targets = Many(20);
        targets[7].Health.Failed(time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(5));
        targets[7].Health.TryEnter(time.GetTimestamp()).ShouldBeTrue();
        targets[7].Health.Succeeded(time.GetTimestamp());
        var model = Model("weighted", targets);

        var share = Enumerable.Range(0, 40_000).Count(_ => Ask(model) == targets[7]) / 40_000.0;

        share.ShouldBeInRange(0.004, 0.0065); // 0.1 of 19.1
    }

    [Theory]
    [InlineData("least-work", 14)]
    [InlineData("power-of-two", 15)]
    public void Work_is_even_among_those_that_are_there(string routing, int most)
    {
        var targets = Many();
        Eject(targets.Where((_, at) => at % 3 == 1));
        var (model, router) = (Model(routing, targets), Router);

        for (var call = 0; call < 6_670; call++) router.Choose(model, 1, 0, []).Target.ShouldNotBeNull(); // ten for each

        targets.Max(target => target.Work).ShouldBeLessThanOrEqualTo(most);
    }

    [Theory]
    [InlineData("least-work")]
    [InlineData("power-of-two")]
    public void One_that_weighs_as_much_as_all_others_is_given_half_of_the_work(string routing)
    {
        var targets = Many(weight: at => at == 500 ? 999 : 1);
        var (model, router) = (Model(routing, targets), Router);

        for (var call = 0; call < 20_000; call++) router.Choose(model, 1, 0, []).Target.ShouldNotBeNull();

        targets[500].Work.ShouldBeInRange(8_500, 11_500);
    }

    [Fact]
    public void The_few_that_are_fast_are_found_among_the_many_that_are_slow()
    {
        var targets = Many();
        foreach (var (at, target) in targets.Index()) target.Health.Latency.Add(TimeSpan.FromMilliseconds(at % 100 == 42 ? 10 : 1_000));
        var model = Model("latency", targets);

        Enumerable.Range(0, 10_000).Count(_ => Ask(model).Health.Latency.Average < 0.1).ShouldBeGreaterThan(8_500); // one in a hundred by chance
    }

    [Fact]
    public void Orders_are_followed_through_a_thousand_of_them()
    {
        var targets = Enumerable.Range(0, Count).Select(at => Targets.At($"u{at}", order: at, time: time)).ToArray();
        Eject(targets[..600]);

        Ask(Model("least-work", targets)).ShouldBe(targets[600]);
    }
}
