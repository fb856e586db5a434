using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Encoders;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Encoders;

/// <summary>As <see cref="CollectionTests"/>: no forward pass may depend on when the garbage collector runs.</summary>
public class EncoderCollectionTests
{
    [Theory]
    [InlineData("bert-mean")]
    [InlineData("modernbert-mean")]
    [InlineData("qwen3-lasttoken")]
    public void Collections_at_any_moment_change_nothing(string name)
    {
        using var folder = ModelFolder.Open(Shared.GoldenOrOptional("embeddings", name));
        var options = new TorchOptions { Device = "cpu" };
        using IEncoderRunner runner = EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, options) : TorchDecoderEncoder.Load(folder, options);
        EncoderInput[] inputs = [new((int[])[2, 10, 20, 3]), new(Enumerable.Range(5, 60).ToArray()), new(Enumerable.Range(6, 60).ToArray())];
        var expected = new float[inputs.Sum(input => input.Tokens.Length) * runner.Shape.Hidden];
        var hidden = new float[expected.Length];
        runner.Forward(inputs, EncodedRows.All, expected);
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
            for (var round = 0; round < 100; round++)
            {
                runner.Forward(inputs, EncodedRows.All, hidden);
                GoldenModel.Distance(hidden, expected).ShouldBeLessThan(1e-5, $"round {round}");
            }
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
