using Gateway.Configuration;
using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Routing;

public class TargetHealthTests
{
    private readonly FakeTimeProvider time = new();

    private long Now => time.GetTimestamp();

    private TargetHealth Health(int failures = 5, int probes = 1) => new(new BreakerOptions { Failures = failures, Probes = probes }, time);

    private void Wait(double seconds) => time.Advance(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Failures_in_a_row_open_it_and_a_good_answer_between_them_begins_anew()
    {
        var health = Health();
        foreach (var outcome in "++++++++++----+----")
            if (outcome == '-') health.Failed(Now);
            else health.Succeeded(Now);

        health.IsAvailable(Now).ShouldBeTrue();
        health.Failed(Now);
        health.IsAvailable(Now).ShouldBeFalse();
        health.State(Now).ShouldBe("open");
        health.Wait(Now).ShouldBe((TimeSpan.FromSeconds(5), false));
    }

    [Fact]
    public void As_many_failures_as_good_answers_within_the_window_open_it()
    {
        var health = Health();
        for (var at = 0; at < 4; at++)
        {
            health.Succeeded(Now);
            health.Failed(Now);
            Wait(1);
        }

        health.IsAvailable(Now).ShouldBeTrue();
        health.Succeeded(Now);
        health.Failed(Now);
        health.IsAvailable(Now).ShouldBeFalse();
    }

    [Fact]
    public void Failures_that_are_older_than_the_window_or_fewer_than_half_do_not_count()
    {
        var old = Health();
        for (var at = 0; at < 20; at++)
        {
            old.Succeeded(Now);
            old.Failed(Now);
            Wait(10);
        }

        old.IsAvailable(Now).ShouldBeTrue();

        var busy = Health();
        for (var at = 0; at < 100; at++)
            if (at % 3 == 2) busy.Failed(Now);
            else busy.Succeeded(Now);
        busy.IsAvailable(Now).ShouldBeTrue();
    }

    [Fact]
    public void After_the_break_one_call_at_a_time_tries_it_until_all_probes_succeeded()
    {
        var health = Health(failures: 1, probes: 3);
        health.Failed(Now);
        Wait(4.9);
        health.TryEnter(Now).ShouldBeFalse();
        Wait(0.1);
        health.State(Now).ShouldBe("half-open");
        for (var probe = 0; probe < 3; probe++)
        {
            health.TryEnter(Now).ShouldBeTrue();
            health.IsAvailable(Now).ShouldBeFalse();
            health.TryEnter(Now).ShouldBeFalse();
            health.Succeeded(Now);
        }

        health.State(Now).ShouldBe("closed");
        health.TryEnter(Now).ShouldBeTrue();
        health.TryEnter(Now).ShouldBeTrue();
    }

    [Fact]
    public void A_probe_that_fails_opens_it_again_and_one_whose_caller_left_says_nothing()
    {
        var health = Health(failures: 1, probes: 2);
        health.Failed(Now);
        Wait(5);
        health.TryEnter(Now).ShouldBeTrue();
        health.Abandoned();
        health.TryEnter(Now).ShouldBeTrue();
        health.Succeeded(Now);
        health.TryEnter(Now).ShouldBeTrue();
        health.Failed(Now);

        health.IsAvailable(Now).ShouldBeFalse();
        Wait(5);
        health.IsAvailable(Now).ShouldBeTrue();
    }

    [Fact]
    public void What_was_asked_before_it_opened_neither_closes_it_nor_keeps_it_open()
    {
        var health = Health(failures: 2);
        health.Failed(Now);
        health.Failed(Now);
        Wait(1);
        health.Succeeded(Now);
        health.IsAvailable(Now).ShouldBeFalse();
        Wait(3.9);
        health.Failed(Now); // one that ran into its timer
        Wait(0.1);

        health.IsAvailable(Now).ShouldBeTrue();
    }

    [Fact]
    public void It_comes_back_slowly()
    {
        var health = Health(failures: 1);
        health.Warmth(Now).ShouldBe(1);
        health.Failed(Now);
        Wait(5);
        health.TryEnter(Now).ShouldBeTrue();
        health.Succeeded(Now);

        foreach (var (seconds, warmth) in ((double, double)[])[(0, 0.1), (0.5, 0.1), (2, 0.25), (5, 0.75), (2.5, 1), (100, 1)])
        {
            Wait(seconds);
            health.Warmth(Now).ShouldBe(warmth, 0.001);
        }
    }

    [Fact]
    public void A_limit_ejects_it_exactly_as_long_as_it_asked_for()
    {
        var health = Health();
        health.RateLimited(Now, TimeSpan.FromSeconds(7.5));
        health.RateLimited(Now, TimeSpan.FromSeconds(2)); // of another call; the longest counts
        health.State(Now).ShouldBe("ejected");
        health.Wait(Now).ShouldBe((TimeSpan.FromSeconds(7.5), true));

        time.Advance(TimeSpan.FromSeconds(7.5) - TimeSpan.FromTicks(1));
        health.TryEnter(Now).ShouldBeFalse();
        time.Advance(TimeSpan.FromTicks(1));
        health.TryEnter(Now).ShouldBeTrue();
        health.State(Now).ShouldBe("closed");
        health.Warmth(Now).ShouldBe(1);
    }

    [Fact]
    public void A_dead_target_is_asked_a_few_times_and_again_within_ten_seconds_of_its_recovery()
    {
        var health = Health();
        var (asked, back) = (0, -1.0);
        for (var seconds = 0.0; seconds < 60 && back < 0; seconds += 0.1, Wait(0.1))
        {
            if (!health.TryEnter(Now)) continue;
            asked++;
            if (seconds < 33) health.Failed(Now);
            else
            {
                health.Succeeded(Now);
                back = seconds;
            }
        }

        asked.ShouldBeLessThanOrEqualTo(15);
        back.ShouldBeInRange(33, 39);
    }

    [Fact]
    public void An_active_probe_that_finds_it_lets_a_call_try_it_at_once()
    {
        var health = Health(failures: 1);
        health.Failed(Now);
        health.Found(Now);

        health.TryEnter(Now).ShouldBeTrue();
        health.TryEnter(Now).ShouldBeFalse();
    }
}
