using Gateway.Engine.Cache;
using Gateway.Engine.Runner;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Tests.Scheduling;

/// <summary>Keys that depend on how long their sequence is must not be found by a sequence of another length.</summary>
public class LengthScalingTests
{
    private const int Past = 20;

    [Fact]
    public void A_sequence_that_grows_past_the_length_is_computed_again_from_its_start()
    {
        var blocks = new KvBlocks(100, 4);
        var scheduler = Make(blocks, restarts: true);
        var sequence = new Sequence(1, Prompt(18), 100);
        scheduler.Add(sequence);
        Turn(scheduler);
        Turn(scheduler).Slices.Single().Start.ShouldBe(18);
        Turn(scheduler).Slices.Single().Start.ShouldBe(19);

        var again = Turn(scheduler).Slices.Single();

        again.Start.ShouldBe(0);
        again.Tokens.Length.ShouldBe(21);
        again.Reach.ShouldBe(21);
        Turn(scheduler).Slices.Single().Start.ShouldBe(21, "once is enough");
        scheduler.Remove(sequence);
        blocks.Free.ShouldBe(100);
    }

    [Fact]
    public void A_sequence_that_never_reaches_the_length_is_left_alone()
    {
        var scheduler = Make(new KvBlocks(100, 4), restarts: true);
        scheduler.Add(new Sequence(1, Prompt(5), 100));

        for (var step = 0; step < 10; step++) Turn(scheduler).Slices.Single().Reach.ShouldBe(5);
    }

    [Theory]
    [InlineData(true, 24, 28, 24)] // all long sequences scale alike
    [InlineData(false, 24, 28, 0)] // each length scales for itself
    [InlineData(false, 24, 24, 20)]
    [InlineData(true, 12, 28, 0)] // short and long never share
    [InlineData(true, 12, 16, 12)]
    public void A_prefix_is_shared_only_between_lengths_that_scale_alike(bool restarts, int first, int second, int cached)
    {
        var scheduler = Make(new KvBlocks(100, 4), restarts);
        scheduler.Add(new Sequence(1, Prompt(first), 1));
        Turn(scheduler);
        scheduler.Remove(scheduler.Running[0]);
        var later = new Sequence(2, Prompt(second), 1);
        scheduler.Add(later);

        Turn(scheduler);

        later.CachedTokens.ShouldBe(cached);
    }

    private static Scheduler Make(KvBlocks blocks, bool restarts) =>
        new(blocks, new SchedulerOptions { StepTokens = 64, MaxRunning = 8, Scaling = new LengthScaling(Past, restarts) });

    private static int[] Prompt(int length) => [.. Enumerable.Range(1000, length)];

    private static StepPlan Turn(Scheduler scheduler)
    {
        var plan = scheduler.Plan();
        scheduler.Commit();
        foreach (var sequence in plan.Sequences.Where(s => s.Computed == s.Known)) sequence.Append(7);
        return plan;
    }
}
