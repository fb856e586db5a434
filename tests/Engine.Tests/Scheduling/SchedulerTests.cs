using Gateway.Engine.Cache;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Tests.Scheduling;

public class SchedulerTests
{
    private static int[] Prompt(int length, int seed = 1) => [.. Enumerable.Range(0, length).Select(i => (seed * 1000) + i)];

    /// <summary>One step in which every sequence that is fully computed gets a token.</summary>
    private static StepPlan Turn(Scheduler scheduler)
    {
        var plan = scheduler.Plan();
        scheduler.Commit();
        foreach (var sequence in plan.Sequences.Where(s => s.Computed == s.Known)) sequence.Append(7);
        return plan;
    }

    [Fact]
    public void A_long_prompt_comes_in_pieces_and_never_stalls_a_decode()
    {
        var scheduler = new Scheduler(new KvBlocks(1000, 16), new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        var talker = new Sequence(1, Prompt(5), 100);
        scheduler.Add(talker);
        Turn(scheduler);
        var reader = new Sequence(2, Prompt(500, 2), 100);
        scheduler.Add(reader);

        for (var step = 0; reader.Computed < 500; step++)
        {
            step.ShouldBeLessThan(9);
            var before = talker.Generated;
            Turn(scheduler).Slices.Sum(slice => slice.Tokens.Length).ShouldBeLessThanOrEqualTo(64);
            talker.Generated.ShouldBe(before + 1);
        }
    }

    [Fact]
    public void An_older_long_prompt_does_not_take_the_younger_one_s_turn()
    {
        var scheduler = new Scheduler(new KvBlocks(1000, 16), new SchedulerOptions { StepTokens = 32, MaxRunning = 8 });
        var reader = new Sequence(1, Prompt(20), 100);
        var talker = new Sequence(2, Prompt(4, 2), 100);
        scheduler.Add(reader);
        scheduler.Add(talker);
        Turn(scheduler);
        // The older one comes back with much to compute, as after a preemption.
        for (var i = 0; i < 300; i++) reader.Append(9);

        var before = talker.Generated;
        for (var step = 0; step < 5; step++) Turn(scheduler);

        talker.Generated.ShouldBe(before + 5);
    }

    [Fact]
    public void A_removed_sequence_gives_its_blocks_back_before_the_next_plan()
    {
        var blocks = new KvBlocks(10, 4);
        var scheduler = new Scheduler(blocks, new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        var sequence = new Sequence(1, Prompt(30), 10);
        scheduler.Add(sequence);
        Turn(scheduler);
        blocks.Free.ShouldBeLessThan(10);

        scheduler.Remove(sequence);

        blocks.Free.ShouldBe(10);
        scheduler.HasWork.ShouldBeFalse();
    }

    [Fact]
    public void The_newest_is_preempted_first_and_comes_back_with_all_its_tokens()
    {
        var blocks = new KvBlocks(6, 4);
        var scheduler = new Scheduler(blocks, new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        var old = new Sequence(1, Prompt(8), 100);
        var young = new Sequence(2, Prompt(8, 2), 100);
        scheduler.Add(old);
        scheduler.Add(young);
        while (scheduler.Plan() is { Preempted.Count: 0 } plan)
        {
            scheduler.Commit();
            foreach (var sequence in plan.Sequences) sequence.Append(7);
            old.Known.ShouldBeLessThan(24);
        }

        scheduler.Running.ShouldBe([old]);
        var tokens = young.Tokens.ToArray();
        young.Blocks.Length.ShouldBe(0);
        scheduler.Remove(old);
        Turn(scheduler).Sequences.ShouldBe([young]);
        young.Tokens.ToArray()[..tokens.Length].ShouldBe(tokens);
    }

    [Fact]
    public void A_prefix_that_is_in_the_cache_is_not_computed_again()
    {
        var scheduler = new Scheduler(new KvBlocks(100, 4), new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        var first = new Sequence(1, Prompt(18), 1);
        scheduler.Add(first);
        Turn(scheduler);
        scheduler.Remove(first);
        var second = new Sequence(2, Prompt(18), 1);
        scheduler.Add(second);

        var slice = Turn(scheduler).Slices.ShouldHaveSingleItem();

        (slice.Start, slice.Tokens.Length, second.CachedTokens).ShouldBe((16, 2, 16));
    }

    [Fact]
    public void The_last_known_token_is_always_computed_for_its_logits()
    {
        var scheduler = new Scheduler(new KvBlocks(100, 4), new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        foreach (var id in (long[])[1, 2])
        {
            var sequence = new Sequence(id, Prompt(16), 1);
            scheduler.Add(sequence);
            Turn(scheduler).Slices.ShouldHaveSingleItem().LogitRows.ShouldBe(1);
            scheduler.Remove(sequence);
        }
    }

    [Fact]
    public void Choices_of_one_prompt_wait_for_the_first_and_share_its_blocks()
    {
        var blocks = new KvBlocks(100, 4);
        var scheduler = new Scheduler(blocks, new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        for (var id = 1; id <= 4; id++) scheduler.Add(new Sequence(id, Prompt(41), 10));

        Turn(scheduler).Sequences.Count.ShouldBe(1);
        var plan = Turn(scheduler);

        plan.Sequences.Count.ShouldBe(4);
        plan.Slices.Sum(slice => slice.Tokens.Length).ShouldBe(4);
        (blocks.Count - blocks.Free).ShouldBe(10 + 4);
    }

    [Fact]
    public void A_sequence_that_the_whole_cache_cannot_hold_ends_and_does_not_block_the_others()
    {
        var scheduler = new Scheduler(new KvBlocks(3, 4), new SchedulerOptions { StepTokens = 64, MaxRunning = 8 });
        var huge = new Sequence(1, Prompt(100), 10);
        var small = new Sequence(2, Prompt(5, 2), 10);
        scheduler.Add(huge);
        scheduler.Add(small);

        scheduler.Plan().OutOfSpace.ShouldBe([huge]);
        scheduler.Commit();

        Turn(scheduler).Sequences.ShouldBe([small]);
    }

    [Fact]
    public void Scoring_a_prompt_takes_no_more_rows_than_allowed_and_every_position_once()
    {
        var scheduler = new Scheduler(new KvBlocks(100, 4), new SchedulerOptions { StepTokens = 64, MaxRunning = 8, ScoringRows = 10 });
        var sequence = new Sequence(1, Prompt(37), 0, scoresPrompt: true);
        scheduler.Add(sequence);
        var rows = new List<int>();
        while (sequence.Computed < 37)
        {
            var slice = scheduler.Plan().Slices.ShouldHaveSingleItem();
            slice.LogitRows.ShouldBe(slice.Tokens.Length);
            rows.Add(slice.LogitRows);
            scheduler.Commit();
        }

        rows.ShouldBe([10, 10, 10, 7]);
    }

    [Fact]
    public void A_step_allocates_nothing_once_the_lists_have_grown()
    {
        var scheduler = new Scheduler(new KvBlocks(4096, 16), new SchedulerOptions { StepTokens = 512, MaxRunning = 256 });
        for (var id = 0; id < 10_256; id++) scheduler.Add(new Sequence(id, Prompt(3, id + 1), 1_000_000));
        for (var step = 0; step < 20; step++) Turn(scheduler);
        scheduler.Running.Count.ShouldBe(256);

        // Nothing was appended, so each step computes nothing new: what is measured is the planning alone.
        Allocated.By(() =>
        {
            for (var step = 0; step < 8; step++)
            {
                scheduler.Plan();
                scheduler.Commit();
            }
        }).ShouldBe(0);
    }
}
