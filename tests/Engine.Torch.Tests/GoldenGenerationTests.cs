using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Sampling;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Beam search and the ranking of candidates, against the reference's own on two architectures.</summary>
public class GoldenGenerationTests
{
    private static readonly Lazy<JsonObject> Golden = new(() => (JsonObject)JsonNode.Parse(File.ReadAllBytes(Shared.Golden("models", "generation.json")))!);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    public async Task Beam_search_finds_the_reference_s_hypotheses_and_scores(string model)
    {
        await using var backend = Backend(model);
        var cases = Golden.Value["beam_search"]!.AsArray().Where(one => (string?)one!["model"] == model).ToList();
        cases.Count.ShouldBe(32);
        foreach (var one in cases)
        {
            var early = one!["early_stopping"]!.ToJsonString();
            var options = new BeamOptions((int)one["num_beams"]!, (int)one["num_return_sequences"]!, (double)one["length_penalty"]!,
                early switch { "true" => BeamStopping.Early, "false" => BeamStopping.Heuristic, _ => BeamStopping.Never });
            var request = new GenerationRequest(GoldenModel.Ids(one["prompt_ids"]), SamplingOptions.Greedy, (int)one["max_new_tokens"]!, [.. GoldenModel.Ids(one["eos_token_ids"])]);

            var found = await BeamSearch.SearchAsync(backend, request, options, TestContext.Current.CancellationToken);

            var about = $"{one["prompt"]}, length penalty {options.LengthPenalty}, early stopping {early}";
            found.Select(hypothesis => string.Join(' ', hypothesis.Tokens.Select(token => token.Token)))
                .ShouldBe(one["new_ids"]!.AsArray().Select(ids => string.Join(' ', GoldenModel.Ids(ids))), about);
            for (var i = 0; i < found.Count; i++) found[i].Score.ShouldBe((double)one["scores"]![i]!, 1e-3, about);
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    public async Task Candidates_rank_by_the_model_s_own_mean_log_probability(string model)
    {
        await using var backend = Backend(model);
        var golden = Golden.Value["best_of"]!.AsArray().Single(one => (string?)one!["model"] == model)!;
        var prompt = GoldenModel.Ids(golden["prompt_ids"]);
        var candidates = golden["candidates"]!.AsArray().Select(candidate => GoldenModel.Ids(candidate!["new_ids"])).ToList();
        var streams = backend.Generate(
            [.. candidates.Select(ids => new GenerationRequest((int[])[.. prompt, .. ids], SamplingOptions.Greedy, 0, [], PromptLogProbs: 0))], TestContext.Current.CancellationToken);
        var means = new List<double>();
        foreach (var stream in streams)
        {
            var scores = (await stream.ToListAsync(TestContext.Current.CancellationToken))[0].Prompt!;
            means.Add(scores.Skip(prompt.Length).Average(score => score!.LogProb));
        }

        for (var i = 0; i < means.Count; i++) means[i].ShouldBe((double)golden["candidates"]![i]!["mean"]!, 1e-3);
        Enumerable.Range(0, means.Count).OrderByDescending(i => means[i]).ShouldBe(GoldenModel.Ids(golden["ranking_by_mean_logprob"]));
    }

    private static BatchingBackend Backend(string model)
    {
        using var folder = ModelFolder.Open(Shared.Golden("models", model));
        var runner = TorchRunner.Load(folder, new TorchOptions { CacheBytes = 16 << 20 });
        return new BatchingBackend(runner, new ModelCard(model, model, runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch"), new BatchingOptions(), TimeProvider.System);
    }
}
