using System.Diagnostics;
using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx;
using Gateway.Engine.Onnx.Encoders;
using Gateway.Engine.Torch;
using Gateway.Engine.Torch.Encoders;

namespace Gateway.Benchmarks;

/// <summary>Texts a second of an embedding model's backend: one call after another with one text, against one call with all, by the step's budget.</summary>
internal static class EmbedSpeed
{
    private const int Texts = 512;

    public static async Task RunAsync(string model, TextWriter output)
    {
        var chance = new Random(7);
        // Lengths as in prose: most short, some long.
        var lengths = Enumerable.Range(0, Texts).Select(_ => Math.Min(128, 6 + (int)(-20 * Math.Log(1 - chance.NextDouble())))).ToList();
        output.WriteLine($"{Path.GetFileName(model)}, {Texts} texts of {lengths.Min()} to {lengths.Max()} tokens, {lengths.Sum()} in all, {Environment.ProcessorCount} threads");
        output.WriteLine("| engine | step | texts/s | tokens/s | times one by one |");
        output.WriteLine("|---|---|---|---|---|");
        double alone = 0;
        foreach (var (engine, budget) in new[] { "torch", "onnx" }.SelectMany(engine => new[] { 0, 512, 2048, 8192 }.Select(budget => (engine, budget))))
        {
            var seconds = await SecondsAsync(model, engine, lengths, budget);
            if (budget == 0) alone = seconds;
            output.WriteLine($"| {engine} | {(budget == 0 ? "one text" : $"{budget} tokens")} | {Texts / seconds:F0} | {lengths.Sum() / seconds:F0} | {alone / seconds:F1} |");
        }
    }

    /// <summary>The best of three, so that a neighbour's burst does not count.</summary>
    private static async Task<double> SecondsAsync(string model, string engine, List<int> lengths, int budget)
    {
        using var folder = ModelFolder.Open(model);
        var encoder = EncoderFolder.Read(folder);
        IEncoderRunner runner = engine == "torch" ? TorchEncoderRunner.Load(folder, new TorchOptions()) : OnnxEncoderRunner.Load(folder, EncoderSpec.FromConfig(folder.Config, model), encoder, new OnnxOptions());
        var inputs = lengths.Select(length => new EncoderInput(Enumerable.Range(0, length).Select(i => 1 + (i * 7 % 200)).ToArray())).ToList();
        await using var backend = new EncoderBackend(runner, encoder.Readout, new ModelCard("m", "m", runner.Shape.Vocabulary, runner.Shape.ContextLength, engine),
            new EncoderOptions { MaxStepTokens = Math.Max(1, budget) }, TimeProvider.System);
        await backend.EncodeAsync(inputs.Take(64).ToList(), CancellationToken.None);
        var best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await backend.EncodeAsync(inputs, CancellationToken.None);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
