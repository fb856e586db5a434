using System.Diagnostics;
using Gateway.Engine.Backend;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
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
        output.WriteLine("| step | texts/s | tokens/s | times one by one |");
        output.WriteLine("|---|---|---|---|");
        double alone = 0;
        foreach (var budget in (int[])[0, 512, 1024, 2048, 4096, 8192])
        {
            var seconds = await SecondsAsync(model, lengths, budget);
            if (budget == 0) alone = seconds;
            output.WriteLine($"| {(budget == 0 ? "one text" : $"{budget} tokens")} | {Texts / seconds:F0} | {lengths.Sum() / seconds:F0} | {alone / seconds:F1} |");
        }
    }

    /// <summary>The best of three, so that a neighbour's burst does not count.</summary>
    private static async Task<double> SecondsAsync(string model, List<int> lengths, int budget)
    {
        using var folder = ModelFolder.Open(model);
        var runner = TorchEncoderRunner.Load(folder, new TorchOptions());
        var inputs = lengths.Select(length => new EncoderInput(Enumerable.Range(0, length).Select(i => 1 + (i * 7 % 200)).ToArray())).ToList();
        await using var backend = new EncoderBackend(runner, EncoderFolder.Read(folder).Readout, new ModelCard("m", "m", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch"),
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
