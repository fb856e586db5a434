using System.Diagnostics;
using System.Text;
using Gateway.Engine.Models;

namespace Gateway.Benchmarks;

/// <summary>Bytes of English prose a second on one core, beside what decoding the same bytes as UTF-8 takes; and how the time grows on text that is hard.</summary>
internal static class TokenizerSpeed
{
    private const string Prose = "The quick brown fox jumps over the lazy dog while seventeen engineers discuss, at length, whether it's worth measuring. \n";

    public static void Run(string model, TextWriter output)
    {
        using var folder = ModelFolder.Open(model);
        var tokenizer = folder.Tokenizer;
        var prose = string.Concat(Enumerable.Range(0, 10_000).Select(i => Prose + i));
        var bytes = Encoding.UTF8.GetBytes(prose);
        var (encode, decode) = (Best(() => tokenizer.Encode(prose).Length), Best(() => Encoding.UTF8.GetString(bytes).Length));
        output.WriteLine($"{Path.GetFileName(model)}: prose {bytes.Length / encode / 1e6:F1} MB/s, {encode / decode:F0} times what reading it as UTF-8 takes");
        foreach (var (name, unit) in new[] { ("one letter", "a"), ("spaces", " "), ("combining marks", "e\u0301"), ("digits", "7"), ("no spaces", "donaudampfschiff") })
        {
            var (small, large) = (string.Concat(Enumerable.Repeat(unit, 50_000 / unit.Length)), string.Concat(Enumerable.Repeat(unit, 400_000 / unit.Length)));
            var (one, eight) = (Best(() => tokenizer.Encode(small).Length), Best(() => tokenizer.Encode(large).Length));
            output.WriteLine($"  {name}: {large.Length / eight / 1e6:F1} MB/s, eight times the text takes {eight / one:F1} times as long");
        }
    }

    private static double Best(Func<int> action)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(action());
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
