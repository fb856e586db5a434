using Gateway.Routing;
using Gateway.Routing.Balancers;

namespace Gateway.Tests.Routing;

public class PrefixAffinityTests
{
    private static readonly Random Chance = new(1);

    private static Target Pick(Target[] targets, ulong prefix, long tokens = 100) => BalancerNames.Of("prefix").Pick(targets, new RoutingCall(tokens, prefix, 0), Chance);

    private static Target[] Many(int count, Func<int, double>? weight = null) => [.. Enumerable.Range(0, count).Select(at => Targets.At($"u{at}", weight?.Invoke(at) ?? 1))];

    [Theory]
    [InlineData("", 17665956581633026203UL)]
    [InlineData("a", 198367012849983736UL)]
    [InlineData("a conversation", 6070188558056216612UL)]
    public void Hashes_are_the_same_in_every_process(string text, ulong hash) => StableHash.Of(text).ShouldBe(hash);

    [Fact]
    public void Replicas_agree_on_where_conversations_go_whatever_the_order_of_their_settings()
    {
        Target[] here = [Targets.At("east"), Targets.At("west"), Targets.At("north")];
        Target[] there = [Targets.At("north"), Targets.At("east"), Targets.At("west")];
        string[] expected = ["north", "west", "west", "west", "west", "west", "north", "east", "west", "north", "east", "east"];

        Enumerable.Range(1, 12).Select(prefix => Pick(here, (ulong)prefix).Upstream.Name).ShouldBe(expected);
        Enumerable.Range(1, 12).Select(prefix => Pick(there, (ulong)prefix).Upstream.Name).ShouldBe(expected);
    }

    [Fact]
    public void Losing_a_target_moves_only_its_own_conversations()
    {
        var targets = Many(10);
        var left = targets.Where(target => target != targets[3]).ToArray();

        var moved = Enumerable.Range(1, 5_000).Select(prefix => (Before: Pick(targets, (ulong)prefix), After: Pick(left, (ulong)prefix))).Where(pick => pick.Before != pick.After).ToList();

        moved.ShouldAllBe(pick => pick.Before == targets[3]);
        moved.Count.ShouldBeInRange(400, 600);
        moved.Select(pick => pick.After).Distinct().Count().ShouldBe(9); // and spread over all that are left
    }

    [Fact]
    public void Conversations_are_in_proportion_to_the_weights()
    {
        var targets = Many(3, at => at switch { 0 => 1, 1 => 3, _ => 6 });

        var picks = Enumerable.Range(1, 10_000).CountBy(prefix => Pick(targets, (ulong)prefix)).ToDictionary();

        targets.Select(target => picks[target] / 10_000.0).Zip([0.1, 0.3, 0.6]).ShouldAllBe(share => Math.Abs(share.First - share.Second) < 0.02);
    }

    [Fact]
    public void A_second_call_of_a_conversation_goes_to_the_first_ones_target_while_that_runs()
    {
        var targets = Many(4);
        var first = Pick(targets, 7);
        first.TryEnter(100, 0).ShouldBeTrue();

        Pick(targets, 7).ShouldBe(first);
    }

    [Fact]
    public void A_hot_prefix_spreads_before_it_drowns_its_target()
    {
        var targets = Many(8);

        for (var call = 0; call < 400; call++) Pick(targets, 7).TryEnter(100, 0).ShouldBeTrue();

        targets.Max(target => target.Work).ShouldBeLessThanOrEqualTo((long)(1.25 * 400 * 100 / 8) + 300);
        targets.Count(target => target.Work > 0).ShouldBeGreaterThanOrEqualTo(6);
    }

    [Fact]
    public void Without_a_conversation_the_least_work_decides()
    {
        var targets = Many(2);
        targets[0].TryEnter(1_000, 0).ShouldBeTrue();

        Enumerable.Range(0, 20).Select(_ => Pick(targets, 0)).ShouldAllBe(target => target == targets[1]);
    }
}
