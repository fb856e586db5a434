using System.Diagnostics;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Onnx;
using Gateway.Engine.Torch;

namespace Gateway.Benchmarks;

/// <summary>
/// Tokens a second of a runner alone, as a share of what memory bandwidth allows: a decode step reads every weight once, so the bandwidth
/// probe of the same run divided by the weights' bytes is the ceiling at batch 1.
/// </summary>
internal static class DecodeSpeed
{
    private const int Context = 256; // positions in the cache when decoding is timed
    private const int Steps = 24;
    private const int BlockSize = 16;

    public static void Run(string model, string engine, int threads, string weights, TextWriter output)
    {
        using var folder = ModelFolder.Open(model);
        var opening = Stopwatch.GetTimestamp();
        using IModelRunner runner = engine == "onnx"
            ? OnnxRunner.Load(folder, new OnnxOptions { ContextLength = 1024, BlockSize = BlockSize, BlockCount = 16 * 20, Threads = threads, Weights = weights })
            : TorchRunner.Load(folder, new TorchOptions { ContextLength = 1024, BlockSize = BlockSize, BlockCount = 16 * 20, Threads = threads, Weights = weights });
        var opened = Stopwatch.GetElapsedTime(opening).TotalSeconds;
        var bytes = WeightBytes(folder, weights);
        var ceiling = BandwidthProbe.BytesPerSecond(threads) / bytes;
        output.WriteLine($"{Path.GetFileName(model)} on {engine}, {threads} thread(s), weights {bytes / 1e6:F0} MB in {weights}, probe {ceiling * bytes / 1e9:F1} GB/s, ceiling at batch 1 {ceiling:F1} tokens/s, opened in {opened:F1} s");
        output.WriteLine("| batch | tokens/s | of the ceiling | times batch 1 |");
        output.WriteLine("|---|---|---|---|");
        double one = 0;
        foreach (var batch in (int[])[1, 4, 16])
        {
            var speed = Decode(runner, batch);
            if (batch == 1) one = speed;
            output.WriteLine($"| {batch} | {speed:F1} | {speed / ceiling:P0} | {speed / one:F1} |");
        }

        output.WriteLine($"| prefill of 512 | {Prefill(runner, 512):F0} | | |");
    }

    /// <summary>The median step, so that a neighbour's burst does not count.</summary>
    private static double Decode(IModelRunner runner, int batch)
    {
        var vocabulary = runner.Shape.Vocabulary;
        var logits = new float[batch * vocabulary];
        var blocks = Enumerable.Range(0, batch).Select(s => Enumerable.Range(s * 20, 20).ToArray()).ToArray();
        var prompt = Enumerable.Range(0, Context).Select(i => i * 7 % vocabulary).ToArray();
        for (var s = 0; s < batch; s++) runner.Forward([new Slice(s, prompt, 0, blocks[s], 0)], default);
        var times = new List<double>();
        for (var step = 0; step < Steps; step++)
        {
            var slices = Enumerable.Range(0, batch).Select(s => new Slice(s, new[] { (s + step) % vocabulary }, Context + step, blocks[s], 1)).ToArray();
            var start = Stopwatch.GetTimestamp();
            runner.Forward(slices, logits);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return batch / Median(times);
    }

    private static double Prefill(IModelRunner runner, int length)
    {
        var vocabulary = runner.Shape.Vocabulary;
        var logits = new float[vocabulary];
        var blocks = Enumerable.Range(0, length / BlockSize).ToArray();
        var prompt = Enumerable.Range(0, length).Select(i => i * 7 % vocabulary).ToArray();
        var times = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            runner.Forward([new Slice(1, prompt, 0, blocks, 1)], logits);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return length / Median(times);
    }

    /// <summary>What a step reads: every matrix once, the embedding as the head.</summary>
    private static double WeightBytes(ModelFolder folder, string weights) =>
        folder.Tensors.Tensors.Values.Where(tensor => tensor.Shape.Length == 2).Sum(tensor => (double)tensor.Count) * BytesOf(weights);

    private static double BytesOf(string weights) => weights switch
    {
        "bf16" => 2,
        "q8" => 1.125, // 32 numbers and a scale in float32
        "q4" => 0.625,
        _ => 4,
    };

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
