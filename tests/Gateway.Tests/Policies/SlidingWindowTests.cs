using CsCheck;
using Gateway.Policies;

namespace Gateway.Tests.Policies;

/// <summary>Simulated minutes and days, in milliseconds of a clock that only numbers move.</summary>
public class SlidingWindowTests
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const long Minute = TimeSpan.TicksPerMinute;

    // Pauses between calls: at once, a little, about a slot, about the whole length.
    private static readonly Gen<long> Pause = Gen.Frequency((3, Gen.Const(0L)), (4, Gen.Long[1, 900]), (3, Gen.Long[900, 5_000]), (1, Gen.Long[50_000, 130_000]));

    [Fact]
    public void No_minute_wherever_it_begins_has_more_calls_or_tokens_than_are_allowed() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[10, 300], Gen.Select(Pause, Gen.Int[1, 40]).Array[1, 300]).Sample((most, mostTokens, calls) =>
        {
            var window = SlidingWindow.OfMinute();
            var admitted = new List<(long At, int Tokens)>();
            var now = 0L;
            foreach (var (pause, tokens) in calls)
            {
                now += pause * Millisecond;
                window.Advance(now);
                if (window.Requests + 1 > most || window.Tokens + tokens > mostTokens) continue;
                window.Add(tokens);
                admitted.Add((now, tokens));
            }

            foreach (var (from, _) in admitted)
            {
                var within = admitted.FindAll(call => call.At >= from && call.At - from < Minute);
                if (within.Count > most || within.Sum(call => call.Tokens) > mostTokens) return false;
            }

            return true;
        });

    [Fact]
    public void Nobody_is_refused_who_made_fewer_calls_within_a_slot_more_than_a_minute() =>
        Gen.Select(Gen.Int[1, 12], Pause.Array[1, 300]).Sample((most, pauses) =>
        {
            var window = SlidingWindow.OfMinute();
            var admitted = new List<long>();
            var now = 0L;
            foreach (var pause in pauses)
            {
                now += pause * Millisecond;
                window.Advance(now);
                if (window.Requests < most)
                {
                    window.Add(0);
                    admitted.Add(now);
                }
                else if (admitted.Count(at => now - at < Minute + TimeSpan.TicksPerSecond) < most)
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void After_the_wait_that_it_names_there_is_room_and_not_a_tick_before() =>
        Gen.Select(Pause.Array[1, 100], Gen.Int[1, 5]).Sample((pauses, wanted) =>
        {
            var window = SlidingWindow.OfMinute();
            var now = 0L;
            foreach (var pause in pauses)
            {
                window.Advance(now += pause * Millisecond);
                window.Add(7);
            }

            if (window.Requests < wanted) return true;
            var before = window.Requests;
            var wait = window.Until(wanted, 0).Ticks;
            window.Advance(now + wait - 1);
            if (window.Requests <= before - wanted) return false;
            window.Advance(now + wait);
            if (window.Requests > before - wanted) return false;
            window.Advance(now + Minute);
            return (window.Requests, window.Tokens, window.UntilEmpty) == (0, 0, TimeSpan.Zero);
        });

    [Fact]
    public void Corrections_change_the_slot_of_their_call_and_go_with_it() =>
        Gen.Select(Pause, Gen.Int[0, 50], Gen.Int[0, 90]).Array[1, 200].Sample(calls =>
        {
            var window = SlidingWindow.OfMinute();
            var made = new List<(long At, int Real)>();
            var open = new Queue<(long At, int Reserved, int Real)>();
            var now = 0L;
            foreach (var (pause, reserved, real) in calls)
            {
                now = window.Advance(now + (pause * Millisecond));
                window.Add(reserved);
                open.Enqueue((now, reserved, real));
                if (open.Count <= 3) continue;
                var over = open.Dequeue();
                window.Correct(over.At, 0, over.Real - over.Reserved);
                made.Add((over.At, over.Real));
            }

            // What counts is what really was used within the last minute, and at most a slot more.
            var atLeast = made.Where(call => now - call.At < Minute).Sum(call => call.Real) + open.Where(call => now - call.At < Minute).Sum(call => call.Reserved);
            var atMost = made.Where(call => now - call.At < Minute + TimeSpan.TicksPerSecond).Sum(call => call.Real) + open.Where(call => now - call.At < Minute + TimeSpan.TicksPerSecond).Sum(call => call.Reserved);
            if (window.Tokens < atLeast || window.Tokens > atMost) return false;
            window.Advance(now + Minute);
            return window.Tokens == 0;
        });

    [Fact]
    public void What_is_given_back_makes_room_at_once_and_is_not_given_back_twice_when_it_is_forgotten()
    {
        var window = SlidingWindow.OfMinute();
        var at = window.Advance(0);
        window.Add(10);
        window.Advance(5 * TimeSpan.TicksPerSecond);
        window.Add(20);

        window.Correct(at, -1, -10);
        (window.Requests, window.Tokens).ShouldBe((1, 20));
        window.Advance(Minute + TimeSpan.TicksPerSecond);
        window.Correct(at, -1, -10); // forgotten by now
        (window.Requests, window.Tokens).ShouldBe((1, 20));
        window.Advance(Minute + (5 * TimeSpan.TicksPerSecond));
        (window.Requests, window.Tokens).ShouldBe((0, 0));
    }

    [Fact]
    public void A_clock_that_jumps_back_lets_nobody_through_too_early()
    {
        var window = SlidingWindow.OfMinute();
        window.Advance(10 * Minute);
        window.Add(1);

        window.Advance((10 * Minute) - (30 * TimeSpan.TicksPerSecond)).ShouldBe(10 * Minute); // it is waited for
        window.Requests.ShouldBe(1);
        window.Add(1);
        window.Advance((11 * Minute) - 1);
        window.Requests.ShouldBe(2);
        window.Advance(11 * Minute);
        window.Requests.ShouldBe(0);
    }

    [Fact]
    public void A_clock_that_jumps_back_by_hours_is_not_waited_for()
    {
        var window = SlidingWindow.OfMinute();
        window.Advance(100 * Minute);
        window.Add(1);

        window.Advance(10 * Minute).ShouldBe(10 * Minute);

        window.Requests.ShouldBe(0);
    }

    [Fact]
    public void A_clock_that_jumps_forward_forgets_everything()
    {
        var window = SlidingWindow.OfDay();
        window.Advance(0);
        for (var call = 0; call < 5; call++) window.Add(100);

        window.Advance(1_000 * Minute);
        window.Requests.ShouldBe(5);
        window.Advance(1_000_000 * Minute);
        window.Requests.ShouldBe(0);
    }

    [Fact]
    public void A_day_is_kept_in_289_pieces_at_most()
    {
        var window = SlidingWindow.OfDay();
        for (var at = 0L; at < 3 * 24 * 60; at++)
        {
            window.Advance(at * Minute);
            window.Add(1);
            window.Requests.ShouldBeInRange(Math.Min(at + 1, 24 * 60), Math.Min(at + 1, (24 * 60) + 4)); // five minutes' calls are forgotten together
        }

        window.Kept.ShouldBeLessThanOrEqualTo(289);
    }
}
