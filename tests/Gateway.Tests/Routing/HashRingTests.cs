using Gateway.Configuration;
using Gateway.Models;
using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Routing;

/// <summary>Where conversations go among more targets than are looked at, and which of them move.</summary>
public class HashRingTests
{
    private const int Conversations = 20_000;
    private readonly FakeTimeProvider time = new();

    private static Target At(string name, TimeProvider time, double weight = 1) => Targets.At(name, weight, time: time, breaker: new BreakerOptions { Failures = 1 });

    private Target[] Many(int count, Func<int, double>? weight = null) => [.. Enumerable.Range(0, count).Select(at => At($"u{at}", time, weight?.Invoke(at) ?? 1))];

    private static PublishedModel Model(params IEnumerable<Target> targets) => new("m", new ModelOptions { Routing = "prefix" }, targets, 0);

    private string[] Places(PublishedModel model)
    {
        var router = new Router(time);
        return [.. Enumerable.Range(1, Conversations).Select(prefix =>
        {
            var target = router.Choose(model, 100, (ulong)prefix, []).Target.ShouldNotBeNull();
            target.Leave(100);
            return target.Upstream.Name;
        })];
    }

    [Fact]
    public void Replicas_agree_on_where_conversations_go_whatever_the_order_of_their_settings()
    {
        var here = Places(Model(Many(40)));
        var there = Places(Model(Many(40).Reverse()));

        there.ShouldBe(here);
        here[..8].ShouldBe(["u17", "u14", "u14", "u17", "u14", "u6", "u36", "u25"]);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1_000)]
    public void Losing_targets_moves_only_their_own_conversations_and_they_come_back(int count)
    {
        var targets = Many(count);
        var model = Model(targets);
        var before = Places(model);
        var away = targets.Where((_, at) => at % 10 == 3).ToList();
        foreach (var target in away) target.Health.RateLimited(time.GetTimestamp(), TimeSpan.FromMinutes(1));

        var during = Places(model);
        time.Advance(TimeSpan.FromMinutes(1));
        var after = Places(model);

        var names = away.Select(target => target.Upstream.Name).ToHashSet();
        var moved = before.Zip(during).Where(place => place.First != place.Second).ToList();
        moved.ShouldAllBe(place => names.Contains(place.First) && !names.Contains(place.Second));
        moved.Count.ShouldBe(before.Count(names.Contains));
        (moved.Count / (double)Conversations).ShouldBeInRange(0.08, 0.12);
        moved.Select(place => place.Second).Distinct().Count().ShouldBeGreaterThan(count / 2); // spread over those that are left
        after.ShouldBe(before);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1_000)]
    public void A_new_target_takes_its_share_from_all_and_moves_nothing_else(int count)
    {
        var before = Places(Model(Many(count)));
        var after = Places(Model([.. Many(count), At("new", time, weight: 3)]));

        var moved = before.Zip(after).Where(place => place.First != place.Second).ToList();

        moved.ShouldAllBe(place => place.Second == "new");
        (moved.Count / (double)Conversations).ShouldBe(3.0 / (count + 3), 0.5 * 3 / (count + 3));
    }

    [Fact]
    public void Another_weight_moves_conversations_to_or_from_that_target_alone()
    {
        var before = Places(Model(Many(100)));
        var more = Places(Model(Many(100, at => at == 5 ? 2 : 1)));
        var less = Places(Model(Many(100, at => at == 5 ? 0.5 : 1)));

        before.Zip(more).Where(place => place.First != place.Second).ShouldAllBe(place => place.Second == "u5");
        before.Zip(less).Where(place => place.First != place.Second).ShouldAllBe(place => place.First == "u5");
        more.Count(place => place == "u5").ShouldBeGreaterThan(before.Count(place => place == "u5") * 3 / 2);
        less.Count(place => place == "u5").ShouldBeLessThan(before.Count(place => place == "u5") * 2 / 3);
    }

    [Fact]
    public void A_hot_beginning_spreads_before_it_drowns_its_target_and_stays_with_few()
    {
        var targets = Many(1_000);
        var (model, router) = (Model(targets), new Router(time));
        for (var call = 0; call < 5_000; call++) router.Choose(model, 100, (ulong)call + 1_000_000, []).Target.ShouldNotBeNull(); // five for each

        var hot = Enumerable.Range(0, 200).Select(_ => router.Choose(model, 100, 7, []).Target.ShouldNotBeNull()).ToList();

        targets.Max(target => target.Work).ShouldBeLessThanOrEqualTo((long)(1.25 * 5_200 * 100 / 1_000) + 300);
        hot.Distinct().Count().ShouldBeInRange(25, 100); // of a thousand
    }
}
