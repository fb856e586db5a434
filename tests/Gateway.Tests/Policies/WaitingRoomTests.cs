using Gateway.Policies;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Policies;

/// <summary>Lines for places that are counted in this process, on a clock that only the test moves.</summary>
public sealed class WaitingRoomTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider time = new();
    private readonly LocalLimits store;
    private readonly WaitingRoom room;

    public WaitingRoomTests() => (store, room) = (new LocalLimits(time), new WaitingRoom(time, TimeSpan.FromMilliseconds(250)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        room.Dispose();
        store.Dispose();
    }

    [Fact]
    public async Task Keys_of_a_team_take_turns_however_many_one_of_them_has_in_line()
    {
        var (key, team) = (new CallerLimits { QueueTimeout = Long }, new CallerLimits { MaxConcurrent = 1 });
        var running = store.Decide(Asks.Of(key, id: "first", team: team)).Hold!;
        var served = new List<string>();
        var ends = Enumerable.Range(0, 50).Select(i => QueueAsync("greedy", i)).Concat(Enumerable.Range(0, 3).Select(i => QueueAsync("modest", i))).ToList();
        room.Count.ShouldBe(53);

        End(running);
        await Task.WhenAll(ends).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        served.Take(7).ShouldBe(["greedy 0", "modest 0", "greedy 1", "modest 1", "greedy 2", "modest 2", "greedy 3"]);
        served.Count.ShouldBe(53);
        room.Count.ShouldBe(0);

        async Task QueueAsync(string id, int number)
        {
            var hold = store.Decide(Asks.Of(key, id: id, team: team)).Hold!;
            (await room.WaitAsync(hold, 0, Long, Cancellation)).ShouldBe(Place.Taken);
            served.Add($"{id} {number}"); // one runs at a time
            End(hold);
        }
    }

    [Fact]
    public async Task A_key_that_has_all_its_places_does_not_hold_up_its_team()
    {
        var (one, any, team) = (new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long }, new CallerLimits { QueueTimeout = Long }, new CallerLimits { MaxConcurrent = 2 });
        var first = store.Decide(Asks.Of(one, id: "one", team: team)).Hold!;
        var second = store.Decide(Asks.Of(any, id: "any", team: team)).Hold!;
        var behind = room.WaitAsync(store.Decide(Asks.Of(one, id: "one", team: team)).Hold!, 0, Long, Cancellation);
        var next = room.WaitAsync(store.Decide(Asks.Of(any, id: "any", team: team)).Hold!, 0, Long, Cancellation);

        End(second);
        (await next).ShouldBe(Place.Taken);
        behind.IsCompleted.ShouldBeFalse();
        End(first);
        (await behind).ShouldBe(Place.Taken);
    }

    [Fact]
    public async Task Higher_priorities_go_first()
    {
        var limits = new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long };
        var running = store.Decide(Asks.Of(limits)).Hold!;
        var low = store.Decide(Asks.Of(limits)).Hold!;
        var high = store.Decide(Asks.Of(limits)).Hold!;
        var (lowWaits, highWaits) = (room.WaitAsync(low, 1, Long, Cancellation), room.WaitAsync(high, 2, Long, Cancellation));

        End(running);
        await highWaits;
        lowWaits.IsCompleted.ShouldBeFalse();
        End(high);
        await lowWaits;
    }

    [Fact]
    public async Task Whose_time_is_over_is_told_so_and_leaves_no_place_taken()
    {
        var limits = new CallerLimits { MaxConcurrent = 1, QueueTimeout = TimeSpan.FromSeconds(5) };
        var running = store.Decide(Asks.Of(limits)).Hold!;
        var late = store.Decide(Asks.Of(limits)).Hold!;
        var waits = room.WaitAsync(late, 0, limits.QueueTimeout, Cancellation);

        time.Advance(TimeSpan.FromSeconds(4.9));
        waits.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));
        (await waits).ShouldBe(Place.KeyIsFull);
        End(late);
        End(running);

        room.Count.ShouldBe(0);
        store.Decide(Asks.Of(limits)).Outcome.ShouldBe(Outcome.Admitted);
        store.Decide(Asks.Of(limits)).Outcome.ShouldBe(Outcome.Waits);
    }

    [Fact]
    public async Task Who_leaves_the_line_does_not_keep_its_turn()
    {
        var limits = new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long };
        var running = store.Decide(Asks.Of(limits)).Hold!;
        using var leaves = new CancellationTokenSource();
        var gone = store.Decide(Asks.Of(limits)).Hold!;
        var goneWaits = room.WaitAsync(gone, 0, Long, leaves.Token);
        var waits = room.WaitAsync(store.Decide(Asks.Of(limits)).Hold!, 0, Long, Cancellation);

        await leaves.CancelAsync();
        await goneWaits.ShouldThrowAsync<OperationCanceledException>();
        End(gone);
        waits.IsCompleted.ShouldBeFalse();
        End(running);
        (await waits).ShouldBe(Place.Taken);
    }

    [Fact]
    public async Task Of_many_at_once_never_more_run_than_may_and_all_come_to_run()
    {
        var (key, team) = (new CallerLimits { MaxConcurrent = 3, QueueTimeout = Long }, new CallerLimits { MaxConcurrent = 5 });
        int running = 0, most = 0, served = 0;
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            var ask = Asks.Of(key, id: $"k{i % 7}", team: team);
            var decision = store.Decide(ask, takePlace: !room.HasWaiters(ask.Line));
            if (decision.Outcome == Outcome.Waits) (await room.WaitAsync(decision.Hold!, 0, Long, Cancellation)).ShouldBe(Place.Taken);
            var now = Interlocked.Increment(ref running);
            int seen;
            while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen) { }
            await Task.Yield();
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref served);
            End(decision.Hold!);
        }))).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        served.ShouldBe(400);
        most.ShouldBeLessThanOrEqualTo(5);
        (room.Count, room.HasWaiters("team t")).ShouldBe((0, false));
    }

    [Fact]
    public async Task A_place_that_came_free_elsewhere_is_found_in_a_while()
    {
        var limits = new CallerLimits { MaxConcurrent = 1, QueueTimeout = Long };
        var running = store.Decide(Asks.Of(limits)).Hold!;
        var waits = room.WaitAsync(store.Decide(Asks.Of(limits)).Hold!, 0, Long, Cancellation);

        running.Settle(0, 0); // and nobody says so
        waits.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(250));
        (await waits).ShouldBe(Place.Taken);
    }

    private void End(Hold hold)
    {
        hold.Settle(0, 0);
        room.Freed(hold.Ask.Line);
    }
}
