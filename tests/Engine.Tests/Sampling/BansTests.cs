using Gateway.Engine.Backend;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Tests.Sampling;

public class BansTests
{
    [Theory]
    [InlineData(1, new[] { 1, 2, 1 }, new[] { 1, 2 })]
    [InlineData(2, new[] { 1, 2, 1, 3, 1 }, new[] { 2, 3 })]
    [InlineData(3, new[] { 1, 2, 3, 1, 2 }, new[] { 3 })]
    [InlineData(2, new[] { 1, 1, 1 }, new[] { 1 })]
    [InlineData(4, new[] { 1, 2 }, new int[0])]
    public void A_run_that_occurred_is_not_completed_again(int size, int[] history, int[] banned)
    {
        float[] row = [0, 0, 0, 0];
        Bans.Apply(row, new SamplingOptions { NoRepeatNgramSize = size }, history, history.Length, []);

        row.Index().Where(entry => float.IsNegativeInfinity(entry.Item)).Select(entry => entry.Index).ShouldBe(banned);
    }

    [Fact]
    public async Task A_request_whose_rules_leave_no_token_ends_and_the_next_one_is_served()
    {
        var runner = new ScriptedRunner(new RunnerShape(Vocabulary: 4, ContextLength: 32, BlockSize: 4, BlockCount: 8));
        await using var backend = new BatchingBackend(runner, new ModelCard("m", "m", 4, 32, "script"), new BatchingOptions(), TimeProvider.System);
        var request = new GenerationRequest((int[])[1, 2], SamplingOptions.Greedy with { NoRepeatNgramSize = 1 }, 10, []);

        for (var turn = 0; turn < 2; turn++)
        {
            var events = await backend.Generate([request], TestContext.Current.CancellationToken)[0].ToListAsync(TestContext.Current.CancellationToken);

            events[..^1].Select(one => one.Token).Order().ShouldBe([0, 3]);
            events[^1].Finish.ShouldBe(FinishReason.Stop);
        }
    }
}
