using System.Diagnostics;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx;
using Gateway.TestKit;

namespace Gateway.Benchmarks;

/// <summary>How long the ONNX engine takes to be ready, with the graph to be written first and with one that is kept.</summary>
internal static class GraphSpeed
{
    public static void Run(string model, TextWriter output)
    {
        output.WriteLine("| weights | first time | again | of it only |");
        output.WriteLine("|---|---|---|---|");
        foreach (var weights in (string[])["f32", "q8", "q4"])
        {
            using var cache = new TemporaryFolder();
            var (first, again) = (Seconds(model, weights, cache.Path), Seconds(model, weights, cache.Path));
            output.WriteLine($"| {weights} | {first:F2} s | {again:F2} s | writing {first - again:F2} s |");
        }
    }

    private static double Seconds(string model, string weights, string cache)
    {
        using var folder = ModelFolder.Open(model);
        var start = Stopwatch.GetTimestamp();
        using var runner = OnnxRunner.Load(folder, new OnnxOptions { Weights = weights, GraphCache = cache, BlockCount = 16 });
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
