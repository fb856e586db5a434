using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Families;

/// <summary>What every engine owes every family in every weight format: the same answer whoever else is being served.</summary>
public abstract class CompanionSuite
{
    private const int Requests = 16;

    /// <summary>The golden folders; those that the repository does not carry are skipped where <c>../shared</c> is absent.</summary>
    public static TheoryData<string> Families =>
    [
        "gpt2", "llama2", "llama3", "smollm", "llama_yarn", "llama_linear", "llama_dynamic", "bloom", "mistral", "mixtral", "qwen2", "qwen3", "qwen3_moe",
        "phi3", "gemma2", "gemma3", "gpt_neox", "opt", "opt_post", "gpt_oss",
    ];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(string family)
    {
        using var model = new GoldenModel(family);
        // A block holds few positions, so that prefixes are shared early.
        var requests = Make(GoldenModel.Ids(model.Golden["greedy"]![0]!["prompt_ids"]), DecoderSpec.FromConfig(model.Folder.Config, model.Path).Vocabulary);
        var alone = new List<List<TokenEvent>>();
        using (var runner = Load(model.Folder, CacheSize.Small))
        {
            foreach (var request in requests)
            {
                // Book-keeping of its own for each: nothing is shared with the one before.
                await using var backend = Serve(new Borrowed(runner));
                alone.Add(await Generate(backend, request));
            }
        }

        // Room for about a third of what the sixteen want, and steps too short for the longest prompts.
        var arrivals = new Random(7);
        var due = requests.Select((request, i) => (Step: i == 0 ? 0 : arrivals.Next(1, 30), Request: request)).ToArray();
        var answers = new Task<List<TokenEvent>>?[Requests];
        BatchingBackend? all = null;
        var watched = new WatchedRunner(Load(model.Folder, new CacheSize(4, 100)), step =>
        {
            for (var i = 0; i < Requests; i++)
                if (due[i].Step == step && answers[i] is null) answers[i] = Generate(all!, due[i].Request);
        });
        all = Serve(watched, new BatchingOptions { Scheduler = new SchedulerOptions { StepTokens = 24, MaxRunning = 12 } });
        await using var _ = all;
        answers[0] = Generate(all, requests[0]);
        await answers[0]!;
        for (var i = 1; i < Requests; i++) answers[i] ??= Generate(all, requests[i]);
        var together = await Task.WhenAll(answers!);

        for (var i = 0; i < Requests; i++) Compare(alone[i], together[i], $"{family}: request {i}");
        watched.WidestBatch.ShouldBeGreaterThan(4);
        watched.Released.ShouldBeGreaterThan(Requests, "somebody was to be preempted");
        together.Sum(events => events[0].CachedTokens).ShouldBeGreaterThan(0, "somebody was to find a prefix");
    }

    /// <summary>An engine over a golden folder.</summary>
    protected abstract IModelRunner Load(ModelFolder folder, CacheSize cache);

    /// <summary>
    /// How much more probable (in log-probability) the chosen token may be than the next where two right runs may part. None for exact numbers. Where
    /// activations are rounded as well, a difference in the last bit may move one of them by a whole step.
    /// </summary>
    protected virtual double Ambiguous => 0;

    private void Compare(List<TokenEvent> alone, List<TokenEvent> together, string what)
    {
        for (var step = 0; step < Math.Min(alone.Count, together.Count); step++)
        {
            if (alone[step].Token == together[step].Token) continue;
            var top = alone[step].LogProbs!.Top;
            ((double)(top[0].LogProb - top[1].LogProb)).ShouldBeLessThan(Ambiguous, $"{what}, step {step}: {alone[step].Token} alone, {together[step].Token} among others");
            return;
        }

        together.Count.ShouldBe(alone.Count, what);
    }

    private protected static BatchingBackend Serve(IModelRunner runner, BatchingOptions? options = null) =>
        new(runner, new ModelCard("golden", "golden", runner.Shape.Vocabulary, runner.Shape.ContextLength, "test"), options ?? new BatchingOptions(), TimeProvider.System);

    private protected static async Task<List<TokenEvent>> Generate(BatchingBackend backend, GenerationRequest request) =>
        await backend.Generate([request], TestContext.Current.CancellationToken)[0].ToListAsync(TestContext.Current.CancellationToken);

    /// <summary>Ragged prompts; every second one begins like the golden prompt. Lengths stay within the shortest original context, 96.</summary>
    private static List<GenerationRequest> Make(int[] golden, int vocabulary)
    {
        var chance = new Random(11);
        return [.. Enumerable.Range(0, Requests).Select(i =>
        {
            var own = Enumerable.Range(0, chance.Next(1, 30)).Select(_ => chance.Next(3, vocabulary - 20));
            int[] prompt = i % 2 == 0 ? [.. golden, .. own] : [.. own];
            return new GenerationRequest(prompt, SamplingOptions.Greedy with { LogProbs = 2 }, i == 0 ? 32 : chance.Next(8, 33), []);
        })];
    }

    /// <summary>A runner that outlives the backend over it.</summary>
    private sealed class Borrowed(IModelRunner inner) : IModelRunner
    {
        public RunnerShape Shape => inner.Shape;

        public void Forward(IReadOnlyList<Slice> slices, Span<float> logits) => inner.Forward(slices, logits);

        public void Release(long sequence) => inner.Release(sequence);

        public void Dispose()
        {
        }
    }
}
