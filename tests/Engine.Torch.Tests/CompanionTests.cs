using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Torch.Tests;

/// <summary>What a caller gets must not depend on who else is being served.</summary>
public class CompanionTests
{
    private const int Requests = 16;

    [Theory]
    [MemberData(nameof(GoldenModelTests.Families), MemberType = typeof(GoldenModelTests))]
    public async Task Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(string family)
    {
        var cancellation = TestContext.Current.CancellationToken;
        List<GenerationRequest> requests;
        var alone = new List<List<int>>();
        using (var model = new GoldenModel(family))
        {
            requests = Make(GoldenModel.Ids(model.Golden["greedy"]![0]!["prompt_ids"]), model.Runner.Shape.Vocabulary);
            foreach (var request in requests)
            {
                // A backend of its own for each: nothing is shared with the one before.
                using var lone = new GoldenModel(family);
                await using var backend = new BatchingBackend(new WatchedRunner(lone.Runner), lone.Card, new BatchingOptions(), TimeProvider.System);
                alone.Add(await backend.Generate([request], cancellation)[0].Select(e => e.Token).ToListAsync(cancellation));
            }
        }

        // Room for about a third of what the sixteen want, and steps too short for the longest prompts.
        using var shared = new GoldenModel(family, options: new TorchOptions { BlockSize = 4, BlockCount = 100 });
        var arrivals = new Random(7);
        var due = requests.Select((request, i) => (Step: i == 0 ? 0 : arrivals.Next(1, 30), Request: request)).ToArray();
        var answers = new Task<List<TokenEvent>>?[Requests];
        BatchingBackend? all = null;
        var runner = new WatchedRunner(shared.Runner, step =>
        {
            for (var i = 0; i < Requests; i++)
                if (due[i].Step == step && answers[i] is null) answers[i] = Collect(all!, due[i].Request, cancellation);
        });
        all = new BatchingBackend(runner, shared.Card, new BatchingOptions { Scheduler = new SchedulerOptions { StepTokens = 24, MaxRunning = 12 } }, TimeProvider.System);
        await using var _ = all;
        answers[0] = Collect(all, requests[0], cancellation);
        var first = await answers[0]!;
        for (var i = 1; i < Requests; i++) answers[i] ??= Collect(all, requests[i], cancellation);
        var together = await Task.WhenAll(answers!);

        for (var i = 0; i < Requests; i++) together[i]!.Select(e => e.Token).ShouldBe(alone[i], $"{family}: request {i}");
        first.Count.ShouldBe(alone[0].Count);
        runner.WidestBatch.ShouldBeGreaterThan(4);
        runner.Released.ShouldBeGreaterThan(Requests, "somebody was to be preempted");
        together.Sum(events => events[0].CachedTokens).ShouldBeGreaterThan(0, "somebody was to find a prefix");
    }

    private static async Task<List<TokenEvent>> Collect(BatchingBackend backend, GenerationRequest request, CancellationToken cancellation) =>
        await backend.Generate([request], cancellation)[0].ToListAsync(cancellation);

    /// <summary>Ragged prompts; every second one begins like the golden prompt. Lengths stay within the shortest golden context, 96.</summary>
    private static List<GenerationRequest> Make(int[] golden, int vocabulary)
    {
        var chance = new Random(11);
        return [.. Enumerable.Range(0, Requests).Select(i =>
        {
            var own = Enumerable.Range(0, chance.Next(1, 30)).Select(_ => chance.Next(3, vocabulary - 20));
            int[] prompt = i % 2 == 0 ? [.. golden, .. own] : [.. own];
            return new GenerationRequest(prompt, SamplingOptions.Greedy, i == 0 ? 32 : chance.Next(8, 33), []);
        })];
    }
}
