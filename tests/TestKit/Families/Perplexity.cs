using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Shouldly;

namespace Gateway.TestKit.Families;

/// <summary>How well SmolLM2 foresees the golden text, in any engine and format, beside the reference's own figure.</summary>
public static class Perplexity
{
    /// <summary>The folder of the real model; skips where it is absent.</summary>
    public static string Model => Shared.Optional("models", "smollm2-135m-instruct-gguf");

    /// <summary>Found and expected; the runner is disposed.</summary>
    public static async Task<(double Found, double Expected)> OfAsync(IModelRunner runner, CancellationToken cancellation)
    {
        await using var backend = new BatchingBackend(runner, new ModelCard("smollm2", "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "test"), new BatchingOptions(), TimeProvider.System);
        var text = (JsonObject)JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(Shared.Optional("golden", "smollm2"), "perplexity.json"), cancellation))!;
        var scored = new GenerationRequest(GoldenModel.Ids(text["ids"]), SamplingOptions.Greedy, 0, [], PromptLogProbs: 0);
        var events = await backend.Generate([scored], cancellation)[0].ToListAsync(cancellation);
        var losses = events[0].Prompt!.Skip(1).Select(entry => -(double)entry!.LogProb).ToList();
        losses.Count.ShouldBe(((JsonArray)text["nll"]!).Count);
        return (Math.Exp(losses.Average()), (double)text["perplexity"]!);
    }
}
