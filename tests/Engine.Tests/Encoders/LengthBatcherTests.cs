using Gateway.Engine.Encoders;

namespace Gateway.Engine.Tests.Encoders;

public class LengthBatcherTests
{
    [Fact]
    public void Every_text_comes_once_and_no_step_exceeds_its_budget_but_for_a_single_long_text()
    {
        var chance = new Random(7);
        var batcher = new LengthBatcher(maxTokens: 100, maxTexts: 8);
        var calls = Enumerable.Range(0, 40).Select(_ => Call([.. Enumerable.Range(0, chance.Next(1, 30)).Select(_ => chance.Next(1, 150))])).ToList();
        var (next, taken) = (0, new HashSet<(EncodingCall, int)>());
        while (next < calls.Count || batcher.Count > 0)
        {
            if (next < calls.Count) batcher.Add(calls[next++]);
            var batch = batcher.Next();
            batch.Count.ShouldBeInRange(1, 8);
            if (batch.Count > 1) batch.Sum(item => item.Length).ShouldBeLessThanOrEqualTo(100);
            batch.Select(item => item.Length).ShouldBeInOrder();
            foreach (var item in batch) taken.Add((item.Call, item.Index)).ShouldBeTrue();
        }

        taken.Count.ShouldBe(calls.Sum(call => call.Inputs.Count));
    }

    [Fact]
    public void A_short_call_is_in_the_step_after_the_next_however_long_the_others_are()
    {
        var batcher = new LengthBatcher(maxTokens: 50, maxTexts: 100);
        var flood = Call([.. Enumerable.Repeat(10, 2000)]);
        var second = Call([.. Enumerable.Repeat(10, 2000)]);
        var query = Call([50]);
        batcher.Add(flood);
        batcher.Next();
        batcher.Add(second);
        batcher.Add(query);

        var steps = Enumerable.Range(0, 3).Select(_ => batcher.Next()).ToList();

        steps.FindIndex(step => step.Any(item => item.Call == query)).ShouldBeInRange(0, 2);
    }

    [Fact]
    public void Texts_of_near_length_are_taken_together()
    {
        var batcher = new LengthBatcher(maxTokens: 40, maxTexts: 100);
        batcher.Add(Call(10, 30, 11, 5, 10, 9));
        batcher.Next().Select(item => item.Length).ShouldBe([9, 10, 10, 11]);
    }

    [Fact]
    public void What_a_call_that_left_still_waits_for_is_forgotten()
    {
        var batcher = new LengthBatcher(maxTokens: 10, maxTexts: 100);
        var (left, stays) = (Call(10, 10, 10), Call(10));
        batcher.Add(left);
        batcher.Add(stays);
        batcher.Next();
        batcher.Remove(left);
        batcher.Count.ShouldBe(1);
        batcher.Next().ShouldHaveSingleItem().Call.ShouldBe(stays);
        batcher.Next().ShouldBeEmpty();
    }

    private static EncodingCall Call(params int[] lengths) => new([.. lengths.Select(length => new EncoderInput(new int[length]))]);
}
