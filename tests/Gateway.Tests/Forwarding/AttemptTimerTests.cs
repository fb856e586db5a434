using Gateway.Calls;
using Gateway.Forwarding;
using Gateway.LocalWorkers;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Forwarding;

public sealed class AttemptTimerTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly CancellationTokenSource expire = new();

    public void Dispose() => expire.Dispose();

    private AttemptTimer Timer(double? deadline = null, bool total = true) =>
        new(time, deadline is { } seconds ? new ClientDeadline(time.GetTimestamp() + (long)(seconds * time.TimestampFrequency), total) : null, expire);

    private bool IsOverAfter(double seconds)
    {
        time.Advance(TimeSpan.FromSeconds(seconds));
        return expire.IsCancellationRequested;
    }

    [Fact]
    public void A_phase_without_progress_ends_in_its_reason()
    {
        using var timer = Timer();
        timer.Enter("first", TimeSpan.FromSeconds(5));
        IsOverAfter(4).ShouldBeFalse();
        timer.Enter("second", TimeSpan.FromSeconds(2));
        IsOverAfter(1.9).ShouldBeFalse();
        timer.Expired.ShouldBeNull();

        IsOverAfter(0.2).ShouldBeTrue();
        timer.Expired.ShouldBe("second");
    }

    [Fact]
    public void Progress_renews_it()
    {
        using var timer = Timer();
        timer.Enter("idle", TimeSpan.FromSeconds(5));
        for (var chunk = 0; chunk < 20; chunk++)
        {
            IsOverAfter(4).ShouldBeFalse();
            timer.Touch();
        }

        IsOverAfter(4.9).ShouldBeFalse();
        IsOverAfter(0.2).ShouldBeTrue();
    }

    [Fact]
    public void A_pause_stops_it_until_there_is_progress()
    {
        using var timer = Timer();
        timer.Enter("idle", TimeSpan.FromSeconds(5));
        timer.Pause();
        for (var wait = 0; wait < 10; wait++) IsOverAfter(10).ShouldBeFalse();
        timer.Touch();
        IsOverAfter(4.9).ShouldBeFalse();
        IsOverAfter(5.1).ShouldBeTrue(); // looked at once a phase
        timer.Expired.ShouldBe("idle");
    }

    [Fact]
    public void A_phase_without_a_bound_has_no_end()
    {
        using var timer = Timer();
        timer.Enter("idle", TimeSpan.FromSeconds(5));
        timer.Enter("none", null);
        IsOverAfter(100_000).ShouldBeFalse();
        timer.Enter("idle", TimeSpan.FromSeconds(5));
        IsOverAfter(5.1).ShouldBeTrue();
    }

    [Fact]
    public void The_clients_deadline_ends_any_phase()
    {
        using var timer = Timer(deadline: 3);
        timer.Enter("idle", null);
        timer.Pause();
        IsOverAfter(2.9).ShouldBeFalse();
        IsOverAfter(0.2).ShouldBeTrue();
        timer.Expired.ShouldBe(Reasons.Deadline);
    }

    [Fact]
    public void A_deadline_that_is_over_ends_it_at_once()
    {
        using var timer = Timer(deadline: 0);
        timer.Enter("idle", TimeSpan.FromSeconds(5));
        IsOverAfter(0).ShouldBeTrue();
        timer.Expired.ShouldBe(Reasons.Deadline);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_stream_that_has_begun_has_kept_a_deadline_for_its_beginning(bool total, bool ends)
    {
        using var timer = Timer(deadline: 3, total);
        timer.Enter("first", TimeSpan.FromSeconds(60));
        timer.KeepDeadline();
        timer.Enter("idle", TimeSpan.FromSeconds(60));

        IsOverAfter(10).ShouldBe(ends);
    }

    [Fact]
    public void Steps_of_a_worker_renew_it_as_long_as_they_come()
    {
        var steps = 0;
        using var pulse = new WorkerPulse((_, _) => Task.FromResult<WorkerLoad?>(new WorkerLoad(1, 0, 0, steps)), time);
        pulse.Begin();
        using var timer = Timer();
        timer.Enter("first", TimeSpan.FromSeconds(5), pulse);
        for (var step = 0; step < 10; step++, steps++) IsOverAfter(4).ShouldBeFalse();

        IsOverAfter(0.5).ShouldBeFalse(); // the last one is seen
        pulse.IsStuck(TimeSpan.FromSeconds(5)).ShouldBeFalse();
        IsOverAfter(10).ShouldBeTrue();
        timer.Expired.ShouldBe("first");
        pulse.IsStuck(TimeSpan.FromSeconds(5)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, true)]
    [InlineData(0, 0, false)]
    public void Only_a_worker_with_work_is_stuck(int running, int waiting, bool stuck)
    {
        using var pulse = new WorkerPulse((_, _) => Task.FromResult<WorkerLoad?>(new WorkerLoad(running, waiting, 0, 7)), time);
        pulse.Begin();
        for (var look = 0; look < 20; look++) time.Advance(TimeSpan.FromSeconds(0.5));

        pulse.IsStuck(TimeSpan.FromSeconds(5)).ShouldBe(stuck);
        pulse.IsStuck(TimeSpan.FromSeconds(20)).ShouldBeFalse();
    }

    [Fact]
    public void A_worker_that_said_it_had_no_work_and_then_nothing_is_stuck()
    {
        var silence = new TaskCompletionSource<WorkerLoad?>();
        var asked = 0;
        using var pulse = new WorkerPulse((_, _) => asked++ == 0 ? Task.FromResult<WorkerLoad?>(new WorkerLoad(0, 0, 0, 7)) : silence.Task, time);
        pulse.Begin();
        for (var look = 0; look < 12; look++) time.Advance(TimeSpan.FromSeconds(0.5));

        pulse.IsStuck(TimeSpan.FromSeconds(5)).ShouldBeTrue();
        asked.ShouldBe(2);
    }

    [Fact]
    public void A_worker_is_asked_only_while_calls_run()
    {
        var asked = 0;
        using var pulse = new WorkerPulse((_, _) => Task.FromResult<WorkerLoad?>(new WorkerLoad(1, 0, 0, ++asked)), time);
        time.Advance(TimeSpan.FromSeconds(10));
        asked.ShouldBe(0);
        pulse.Begin();
        time.Advance(TimeSpan.FromSeconds(0.5));
        pulse.End();
        time.Advance(TimeSpan.FromSeconds(10));
        asked.ShouldBe(1);
        pulse.Begin();
        pulse.IsStuck(TimeSpan.FromSeconds(5)).ShouldBeFalse(); // nobody looked meanwhile
        time.Advance(TimeSpan.FromSeconds(0.5));
        asked.ShouldBe(2);
    }
}
