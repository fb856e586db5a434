using Gateway.Configuration;
using Gateway.Models;
using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Routing;

public class RouterTests
{
    private readonly FakeTimeProvider time = new();

    private Router Router => new(time);

    private static PublishedModel Model(string routing, params Target[] targets) => new("m", new ModelOptions { Routing = routing }, targets, 0);

    private Target At(string name, int order = 0, int? maxConcurrent = null, int failures = 1) =>
        Targets.At(name, order: order, time: time, maxConcurrent: maxConcurrent, breaker: new BreakerOptions { Failures = failures });

    [Theory]
    [InlineData("least-work")]
    [InlineData("power-of-two")]
    [InlineData("weighted")]
    [InlineData("ordered")]
    [InlineData("latency")]
    [InlineData("prefix")]
    public void A_lower_order_goes_first_and_a_target_that_was_tried_does_not_come_again(string routing)
    {
        var (a, b, later) = (At("a"), At("b"), At("later", order: 1));
        var model = Model(routing, later, a, b);
        var tried = new List<Target>();

        for (var attempt = 0; attempt < 3; attempt++) tried.Add(Router.Choose(model, 1, 9, tried).Target!);

        tried[..2].ShouldBe([a, b], ignoreOrder: true);
        tried[2].ShouldBe(later);
        Router.Choose(model, 1, 9, tried).Reason.ShouldBe(NoTarget.AllTried);
    }

    [Fact]
    public void A_higher_order_is_asked_when_none_of_the_lower_one_can_be()
    {
        var (first, second) = (At("a", maxConcurrent: 1), At("b", order: 1));
        var model = Model("least-work", first, second);

        Router.Choose(model, 1, 0, []).Target.ShouldBe(first);
        Router.Choose(model, 1, 0, []).Target.ShouldBe(second); // the first is full
        first.Leave(1);
        Router.Choose(model, 1, 0, []).Target.ShouldBe(first);
    }

    [Fact]
    public void Nobody_has_a_reason_and_the_least_wait()
    {
        var (a, b) = (At("a", maxConcurrent: 1), At("b", maxConcurrent: 1));
        var model = Model("least-work", a, b);
        var now = time.GetTimestamp();

        a.Health.RateLimited(now, TimeSpan.FromSeconds(30));
        b.Health.RateLimited(now, TimeSpan.FromSeconds(20));
        Router.Choose(model, 1, 0, []).ShouldBe(new Choice(null, NoTarget.RateLimited, TimeSpan.FromSeconds(20)));

        time.Advance(TimeSpan.FromSeconds(30));
        a.Health.Failed(time.GetTimestamp());
        b.Health.RateLimited(time.GetTimestamp(), TimeSpan.FromSeconds(2));
        Router.Choose(model, 1, 0, []).ShouldBe(new Choice(null, NoTarget.Unhealthy, TimeSpan.FromSeconds(2)));

        time.Advance(TimeSpan.FromSeconds(10));
        Router.Choose(model, 1, 0, []).Target.ShouldNotBeNull();
        Router.Choose(model, 1, 0, []).Target.ShouldNotBeNull();
        Router.Choose(model, 1, 0, []).Reason.ShouldBe(NoTarget.Saturated);
    }

    [Fact]
    public void A_place_that_is_given_back_unused_leaves_a_half_open_target_to_the_next_call()
    {
        var lone = At("a");
        var model = Model("least-work", lone);
        lone.Health.Failed(time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(5));

        Router.Choose(model, 5, 0, []).Target.ShouldBe(lone);
        Router.Choose(model, 5, 0, []).Target.ShouldBeNull(); // one at a time
        lone.Abandon(5);

        Router.Choose(model, 5, 0, []).Target.ShouldBe(lone);
        lone.Work.ShouldBe(5);
    }

    [Fact]
    public void Of_very_many_targets_a_few_are_looked_at_and_the_work_is_even_all_the_same()
    {
        var looks = 0;
        var targets = Enumerable.Range(0, 1_000).Select(at => new Target(new CountedUpstream($"u{at}", () => looks++), "m", 1, 0, new TargetHealth(new BreakerOptions(), time))).ToArray();
        var model = Model("least-work", targets);
        var router = Router;

        for (var call = 0; call < 10_000; call++) router.Choose(model, 1, 0, []).Target.ShouldNotBeNull();

        (looks / 10_000).ShouldBeLessThanOrEqualTo(40); // of a thousand
        targets.Max(target => target.Work).ShouldBeLessThanOrEqualTo(14);
    }

    [Fact]
    public void Where_a_sample_finds_nobody_all_are_looked_at()
    {
        var targets = Enumerable.Range(0, 1_000).Select(at => At($"u{at}")).ToArray();
        foreach (var target in targets.Where(target => target != targets[700])) target.Health.Failed(time.GetTimestamp());

        Router.Choose(Model("power-of-two", targets), 1, 0, []).Target.ShouldBe(targets[700]);
    }
}
