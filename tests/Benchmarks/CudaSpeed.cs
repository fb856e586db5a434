using System.Diagnostics;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Torch;

namespace Gateway.Benchmarks;

/// <summary>
/// The whole engine on a GPU: prompts of 128 tokens, 128 greedy tokens each, from the first request to the last token, as <c>generate</c> of transformers
/// is timed. What it reaches is to be held against that in the same run: <c>cuda_reference.py</c> beside this makes the model and times it.
/// </summary>
internal static class CudaSpeed
{
    private const int Length = 128;
    private const int Rounds = 3;

    public static async Task RunAsync(string model, TextWriter output)
    {
        using var folder = ModelFolder.Open(model);
        var opening = Stopwatch.GetTimestamp();
        using var runner = TorchRunner.Load(folder, new TorchOptions { Device = "cuda", ContextLength = 1024 });
        output.WriteLine($"{Path.GetFileName(model)}: loaded in {Stopwatch.GetElapsedTime(opening).TotalSeconds:F1} s, {Memory()} used on the GPU");
        Prefill(runner, output);
        var vocabulary = runner.Shape.Vocabulary;
        await using var backend = new BatchingBackend(runner, new ModelCard("cuda", "llama", vocabulary, runner.Shape.ContextLength, "torch"), new BatchingOptions(), TimeProvider.System);
        foreach (var batch in (int[])[1, 16, 64])
        {
            var times = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                // Another prompt each round: what was computed once is not found again.
                var first = round * 1000;
                var requests = Enumerable.Range(0, batch).Select(s => new GenerationRequest(Prompt(first + (s * 31), Length, vocabulary), SamplingOptions.Greedy, Length, [])).ToList();
                var start = Stopwatch.GetTimestamp();
                var counts = await Task.WhenAll(backend.Generate(requests, default).Select(async stream => await stream.CountAsync()));
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                if (counts.Any(count => count != Length)) throw new InvalidOperationException($"an answer has {counts.Min()} events and not {Length}");
            }

            output.WriteLine($"batch {batch}: {batch * Length / Median(times[1..]):F0} tokens/s");
        }

        output.WriteLine($"{Memory()} used on the GPU afterwards");
    }

    private static void Prefill(TorchRunner runner, TextWriter output)
    {
        var logits = new float[runner.Shape.Vocabulary];
        var blocks = Enumerable.Range(0, 512 / runner.Shape.BlockSize).ToArray();
        var prompt = Prompt(0, 512, runner.Shape.Vocabulary);
        var times = new List<double>();
        for (var round = 0; round < 10; round++)
        {
            var start = Stopwatch.GetTimestamp();
            runner.Forward([new Slice(1, prompt, 0, blocks, 1)], logits);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        var top = logits.Select((value, token) => (value, token)).OrderByDescending(pair => pair.value).Take(3);
        output.WriteLine($"prefill of 512: {512 / Median(times[2..]):F0} tokens/s; top of its last logits: {string.Join(", ", top.Select(pair => $"{pair.token} {pair.value:F3}"))}");
    }

    private static int[] Prompt(int first, int length, int vocabulary) => [.. Enumerable.Range(0, length).Select(i => (first + (i * 7)) % vocabulary)];

    private static string Memory()
    {
        using var asked = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=memory.used", "--format=csv,noheader"]) { RedirectStandardOutput = true })!;
        return asked.StandardOutput.ReadToEnd().Trim();
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
