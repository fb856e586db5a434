using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.TestKit.Families;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Torch.Tests;

/// <summary>The embedded model, against the reference's answers in <c>golden/tiny-chat</c>.</summary>
public class TinyChatTests
{
    private const double Ambiguous = 0.02; // margin under which two right engines may part

    [Fact]
    public async Task Greedy_answers_and_their_log_probabilities_are_the_reference_s()
    {
        var golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(Shared.Golden("tiny-chat", "greedy.json")))!;
        using var folder = ModelFolder.Open(Shared.TinyChat);
        var runner = TorchRunner.Load(folder, new TorchOptions { CacheBytes = 64 << 20 });
        var card = new ModelCard("tiny-chat", "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch");
        await using var backend = new BatchingBackend(runner, card, new BatchingOptions(), TimeProvider.System);
        var rows = (JsonArray)golden["rows"]!;
        var requests = rows.Select(row => new GenerationRequest(GoldenModel.Ids(row!["ids"]), SamplingOptions.Greedy with { LogProbs = 0 }, ((JsonArray)row["steps"]!).Count, [0, 2])).ToList();

        var streams = backend.Generate(requests, TestContext.Current.CancellationToken);
        var answers = await Task.WhenAll(streams.Select(async stream => await stream.ToListAsync(TestContext.Current.CancellationToken)));

        var compared = 0;
        for (var i = 0; i < answers.Length; i++)
        {
            var steps = (JsonArray)rows[i]!["steps"]!;
            for (var s = 0; s < steps.Count; s++, compared++)
            {
                if ((double)steps[s]!["margin"]! < Ambiguous) break;
                answers[i][s].Token.ShouldBe((int)steps[s]!["id"]!, $"row {i}, step {s}");
                ((double)answers[i][s].LogProbs!.LogProb).ShouldBe((double)steps[s]!["logprob"]!, 1e-3);
            }
        }

        compared.ShouldBeGreaterThan(200);
    }

    [Fact]
    public void The_first_prompt_s_logits_and_hidden_states_are_the_reference_s()
    {
        var golden = (JsonObject)JsonNode.Parse(File.ReadAllBytes(Shared.Golden("tiny-chat", "greedy.json")))!;
        using var folder = ModelFolder.Open(Shared.TinyChat);
        using var runner = TorchRunner.Load(folder, new TorchOptions { BlockCount = 64 });
        var prompt = GoldenModel.Ids(golden["rows"]![0]!["ids"]);
        var rungs = new List<float[]>();
        runner.Observer = (name, rows) =>
        {
            if (!name.StartsWith("attention", StringComparison.Ordinal)) rungs.Add(rows[-1].contiguous().cpu().data<float>().ToArray());
        };
        var logits = new float[runner.Shape.Vocabulary];

        runner.Forward([new(1, prompt, 0, new[] { 3 }, 1)], logits);

        var first = golden["first_prompt"]!;
        GoldenModel.Distance(logits, Floats(first["last_logits"])).ShouldBeLessThan(1e-3);
        var hidden = (JsonArray)first["last_hidden"]!;
        rungs.RemoveAt(rungs.Count - 2); // the reference gives the last layer after the final norm only
        rungs.Count.ShouldBe(hidden.Count);
        for (var i = 0; i < hidden.Count; i++) GoldenModel.Distance(rungs[i], Floats(hidden[i])).ShouldBeLessThan(1e-3, $"rung {i}");
    }

    private static float[] Floats(JsonNode? node) => [.. ((JsonArray)node!).Select(value => (float)value!)];
}
