using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Torch.Encoders;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>
/// TorchSharp hands the native pointer of a scalar over without keeping the scalar alive: one that nothing else holds may be collected and freed while
/// the native code reads it. No forward pass may depend on when the garbage collector runs.
/// </summary>
public sealed class CollectionTests
{
    [Theory]
    [InlineData("gemma2")]
    [InlineData("gpt2")]
    [InlineData("bloom")]
    [InlineData("phi3")]
    [InlineData("qwen3_moe")]
    [InlineData("opt")]
    public void Collections_at_any_moment_change_nothing(string family)
    {
        using var model = new GoldenModel(family);
        using var runner = TorchRunner.Load(model.Folder, new TorchOptions { BlockCount = 16 });
        var prompt = GoldenModel.Ids(model.Golden["short"]![0]!["prompt_ids"]);
        var expected = model.Tensor("short.0.logits");
        var logits = new float[expected.Length];
        WhileCollecting(150, round =>
        {
            runner.Forward([new Slice(1, prompt, 0, new[] { 0, 1, 2, 3, 4, 5 }, prompt.Length, prompt.Length)], logits);
            GoldenModel.Distance(logits, expected).ShouldBeLessThan(model.Tolerance("logits_abs"), $"round {round}");
        });
    }

    [Theory]
    [InlineData("bert-mean")]
    [InlineData("modernbert-mean")]
    public void Collections_at_any_moment_change_no_encoder(string name)
    {
        using var folder = ModelFolder.Open(Shared.GoldenOrOptional("embeddings", name));
        using var runner = TorchEncoderRunner.Load(folder, new TorchOptions());
        EncoderInput[] inputs = [new(Enumerable.Range(5, 40).ToArray(), default)];
        var (first, again) = (new float[40 * runner.Shape.Hidden], new float[40 * runner.Shape.Hidden]);
        runner.Forward(inputs, EncodedRows.All, first);

        WhileCollecting(150, round =>
        {
            runner.Forward(inputs, EncodedRows.All, again);
            GoldenModel.Distance(again, first).ShouldBeLessThan(1e-6, $"round {round}");
        });
    }

    private static void WhileCollecting(int rounds, Action<int> action)
    {
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var round = 0; round < rounds; round++) action(round);
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
