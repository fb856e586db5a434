using Gateway.Routing;
using Gateway.Routing.Balancers;

namespace Gateway.Tests.Routing;

/// <summary>Simulations: calls come one by one and stay, so that what is outstanding is what was chosen.</summary>
public class BalancerTests
{
    private static Target[] Many(int count, Func<int, double>? weight = null) => [.. Enumerable.Range(0, count).Select(at => Targets.At($"u{at}", weight?.Invoke(at) ?? 1))];

    private static Target Pick(string balancer, Target[] targets, Random chance, long tokens = 1, ulong prefix = 0) =>
        BalancerNames.Of(balancer).Pick(targets, new RoutingCall(tokens, prefix, 0), chance);

    private static Target Take(string balancer, Target[] targets, Random chance, long tokens = 1, ulong prefix = 0)
    {
        var target = Pick(balancer, targets, chance, tokens, prefix);
        target.TryEnter(tokens, 0).ShouldBeTrue();
        return target;
    }

    [Fact]
    public void Least_work_keeps_outstanding_tokens_within_one_call_of_each_other_for_their_weights()
    {
        var chance = new Random(1);
        var targets = Many(8, at => 1 + (at % 3));

        for (var call = 0; call < 5_000; call++) Take("least-work", targets, chance, tokens: chance.Next(1, 4_000));

        var loads = targets.Select(target => target.Work / target.Weight).ToList();
        (loads.Max() - loads.Min()).ShouldBeLessThanOrEqualTo(4_000);
    }

    [Fact]
    public void Least_work_takes_any_of_equals()
    {
        var chance = new Random(2);
        var targets = Many(4);

        var picks = Enumerable.Range(0, 4_000).CountBy(_ => Pick("least-work", targets, chance)).ToDictionary();

        foreach (var target in targets) picks[target].ShouldBeInRange(850, 1_150);
    }

    [Fact]
    public void Power_of_two_is_far_more_even_than_chance()
    {
        var (even, random) = (Many(100), Many(100));
        var chance = new Random(3);

        for (var call = 0; call < 10_000; call++)
        {
            Take("power-of-two", even, chance);
            Take("weighted", random, chance);
        }

        even.Max(target => target.Work).ShouldBeLessThanOrEqualTo(105);
        random.Max(target => target.Work).ShouldBeGreaterThan(115);
    }

    [Fact]
    public void Weighted_choices_are_in_proportion()
    {
        var targets = Many(3, at => at switch { 0 => 1, 1 => 3, _ => 6 });
        var chance = new Random(4);

        for (var call = 0; call < 20_000; call++) Take("weighted", targets, chance);

        targets.Select(target => target.Work / 20_000.0).Zip([0.1, 0.3, 0.6]).ShouldAllBe(share => Math.Abs(share.First - share.Second) < 0.015);
    }

    [Fact]
    public void Ordered_takes_the_first()
    {
        var targets = Many(3);

        Enumerable.Range(0, 10).Select(_ => Take("ordered", targets, new Random(5))).ShouldAllBe(target => target == targets[0]);
    }

    [Fact]
    public void Latency_prefers_the_fast_and_looks_at_the_slow_now_and_then()
    {
        var targets = Many(3);
        targets[0].Health.Latency.Add(TimeSpan.FromMilliseconds(100));
        targets[1].Health.Latency.Add(TimeSpan.FromMilliseconds(10));
        targets[2].Health.Latency.Add(TimeSpan.FromMilliseconds(100));
        var chance = new Random(6);

        var picks = Enumerable.Range(0, 3_000).CountBy(_ => Pick("latency", targets, chance)).ToDictionary();

        picks[targets[1]].ShouldBeInRange(2_800, 2_950);
        picks[targets[0]].ShouldBeInRange(20, 90);
        picks[targets[2]].ShouldBeInRange(20, 90);
    }

    [Fact]
    public void Latency_counts_the_calls_that_a_target_has_already()
    {
        var targets = Many(2);
        targets[0].Health.Latency.Add(TimeSpan.FromMilliseconds(10));
        targets[1].Health.Latency.Add(TimeSpan.FromMilliseconds(100));
        var chance = new Random(7);

        for (var call = 0; call < 110; call++) Take("latency", targets, chance);

        targets[1].Work.ShouldBeInRange(8, 16); // one in eleven, and those that look
    }

    [Fact]
    public void Targets_that_never_answered_are_not_asked_by_all_at_once()
    {
        var targets = Many(10);
        targets[9].Health.Latency.Add(TimeSpan.FromMilliseconds(50));
        var chance = new Random(8);

        for (var call = 0; call < 30; call++) Take("latency", targets, chance);

        targets[..9].ShouldAllBe(target => target.Work >= 1 && target.Work <= 3);
        targets[9].Work.ShouldBeGreaterThan(15);
    }

    [Fact]
    public void One_that_comes_back_is_given_less_than_its_share()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var (back, steady) = (Targets.At("a", time: time, breaker: new() { Failures = 1, Break = TimeSpan.FromSeconds(1), SlowStart = TimeSpan.FromSeconds(10) }), Targets.At("b", time: time));
        back.Health.Failed(time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(1));
        back.Health.TryEnter(time.GetTimestamp()).ShouldBeTrue();
        back.Health.Succeeded(time.GetTimestamp());
        var chance = new Random(9);

        Share(TimeSpan.Zero).ShouldBeInRange(0.07, 0.11); // 0.1 of 1.1
        Share(TimeSpan.FromSeconds(5)).ShouldBeInRange(0.3, 0.37); // 0.5 of 1.5
        Share(TimeSpan.FromSeconds(5)).ShouldBeInRange(0.47, 0.53);

        double Share(TimeSpan later)
        {
            time.Advance(later);
            var call = new RoutingCall(1, 0, time.GetTimestamp());
            return Enumerable.Range(0, 5_000).Count(_ => BalancerNames.Of("weighted").Pick(new[] { back, steady }, call, chance) == back) / 5_000.0;
        }
    }
}
