using System.Text;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Families;

/// <summary>
/// The part of <c>backends/README.md</c> that says what an engine makes of every family in every weight format. It is found by computing, never written
/// by hand: set the environment variable <c>GATEWAY_WRITE_TABLES</c> and run the test to write it anew.
/// </summary>
public static class FamilyTable
{
    private static readonly string[] Formats = ["f32", "bf16", "q8", "q4"];

    /// <param name="engine">Its name as a setting.</param>
    /// <param name="load">Opens a folder in a format.</param>
    public static void Verify(string engine, Func<ModelFolder, string, IModelRunner> load)
    {
        var text = new StringBuilder($"| family | {string.Join(" | ", Formats)} |\n|---|{string.Concat(Formats.Select(_ => "---|"))}\n");
        var reasons = new List<string>();
        foreach (var family in CompanionSuite.Families.Select(row => row.Data))
            text.Append($"| {family} | {string.Join(" | ", Formats.Select(format => Cell(family, format, load, reasons)))} |\n");
        for (var i = 0; i < reasons.Count; i++) text.Append($"\n{i + 1}. {reasons[i]}");
        text.Append('\n');

        var path = Path.Combine(Shared.Root, "backends", "README.md");
        var (begin, end) = ($"<!-- {engine}: written by a test -->\n", $"<!-- {engine}: end -->");
        var file = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (from, to) = (file.IndexOf(begin, StringComparison.Ordinal) + begin.Length, file.IndexOf(end, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("GATEWAY_WRITE_TABLES") is { Length: > 0 }) File.WriteAllText(path, file[..from] + text + file[to..]);
        else file[from..to].ShouldBe(text.ToString(), $"backends/README.md is not what {engine} does; GATEWAY_WRITE_TABLES=1 writes it anew");
    }

    private static string Cell(string family, string format, Func<ModelFolder, string, IModelRunner> load, List<string> reasons)
    {
        using var model = new GoldenModel(family);
        try
        {
            using var runner = load(model.Folder, format);
            var worst = 0.0;
            for (var prompt = 0; prompt < 2; prompt++)
            {
                var ids = GoldenModel.Ids(model.Golden["short"]![prompt]!["prompt_ids"]);
                var logits = new float[ids.Length * runner.Shape.Vocabulary];
                runner.Forward([new Slice(1, ids, 0, Enumerable.Range(0, (ids.Length + runner.Shape.BlockSize - 1) / runner.Shape.BlockSize).ToArray(), ids.Length, ids.Length)], logits);
                worst = Math.Max(worst, GoldenModel.Distance(logits, model.Tensor($"short.{prompt}.logits")));
            }

            return worst <= model.Tolerance("logits_abs") ? "equal" : "rounded";
        }
        catch (ModelFolderException refused)
        {
            var reason = refused.Message[(refused.File.Length + 2)..];
            if (!reasons.Contains(reason)) reasons.Add(reason);
            return $"refused ({reasons.IndexOf(reason) + 1})";
        }
    }
}
