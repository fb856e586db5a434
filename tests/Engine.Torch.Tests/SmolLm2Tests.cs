using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.TestKit.Families;
using Gateway.Engine.Models.Safetensors;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Torch.Tests;

/// <summary>A real model from a real GGUF file (Q4_1, computed in float32), against transformers in float32.</summary>
public class SmolLm2Tests
{
    [Fact]
    public async Task Chats_logits_and_perplexity_are_the_reference_s()
    {
        var golden = Shared.Optional("golden", "smollm2");
        using var folder = ModelFolder.Open(Shared.Optional("models", "smollm2-135m-instruct-gguf"));
        var runner = TorchRunner.Load(folder, new TorchOptions { ContextLength = 1024, CacheBytes = 128 << 20 });
        var card = new ModelCard("smollm2", "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch");
        await using var backend = new BatchingBackend(runner, card, new BatchingOptions(), TimeProvider.System);
        var cancellation = TestContext.Current.CancellationToken;
        var chats = (JsonArray)JsonNode.Parse(File.ReadAllBytes(Path.Combine(golden, "chat.json")))!;

        Logits(runner, chats, Path.Combine(golden, "logits.safetensors"));

        var requests = chats.Select(chat => new GenerationRequest(
            GoldenModel.Ids(chat!["ids"]), SamplingOptions.Greedy with { LogProbs = 0 }, ((JsonArray)chat["greedy_ids"]!).Count, [2]));
        var answers = await Task.WhenAll(backend.Generate([.. requests], cancellation).Select(async stream => await stream.ToListAsync(cancellation)));
        for (var i = 0; i < chats.Count; i++)
        {
            var expected = GoldenModel.Ids(chats[i]!["greedy_ids"]);
            var ambiguous = GoldenModel.Ids(chats[i]!["ambiguous_steps"]);
            var clear = ambiguous.Length == 0 ? expected.Length : ambiguous[0];
            answers[i].Take(clear).Select(e => e.Token).ShouldBe(expected.Take(clear), $"chat {i}");
            for (var s = 0; s < clear; s++)
            {
                var logprob = (double)chats[i]!["greedy_logprobs"]![s]!;
                ((double)answers[i][s].LogProbs!.LogProb).ShouldBe(logprob, 1e-4 * (1 + Math.Abs(logprob)), $"chat {i}, step {s}");
            }
        }
    }

    /// <summary>The reference's own perplexity to 0.1 % in float32; rounded weights may cost a little more, and how much is printed.</summary>
    [Theory]
    [InlineData("f32", 0.001)]
    [InlineData("bf16", 0.01)]
    public async Task The_perplexity_of_the_golden_text_is_the_reference_s(string weights, double within)
    {
        using var folder = ModelFolder.Open(Perplexity.Model);

        var (found, expected) = await Perplexity.OfAsync(TorchRunner.Load(folder, new TorchOptions { CacheBytes = 128 << 20, Weights = weights }), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine($"SmolLM2 in {weights}: perplexity {found:F4}, reference {expected:F4}");
        found.ShouldBe(expected, within * expected);
    }

    /// <summary>Before any sequence runs, so that the cache's first blocks are free to write to.</summary>
    private static void Logits(TorchRunner runner, JsonArray chats, string file)
    {
        using var stored = new SafetensorsFile(file);
        for (var i = 0; i < 2; i++)
        {
            var prompt = GoldenModel.Ids(chats[i]!["ids"]);
            var logits = new float[runner.Shape.Vocabulary];
            runner.Forward([new(-1, prompt, 0, Enumerable.Range(0, (prompt.Length / runner.Shape.BlockSize) + 1).ToArray(), 1)], logits);
            var expected = new float[logits.Length];
            stored.Tensors[$"prompt{i}.last_logits"].Read(0, expected);
            GoldenModel.Distance(logits, expected).ShouldBeLessThan(1e-3, $"prompt {i}");
        }
    }
}
