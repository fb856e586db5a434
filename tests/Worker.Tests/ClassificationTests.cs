using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Models.Safetensors;

namespace Gateway.Worker.Tests;

/// <summary>The golden reranker with a head of three labels: its own score, twice that, and 5.</summary>
public sealed class ClassificationTests : IDisposable
{
    private const double Score = 1.2486042976379395; // of "hello" and "Привет, мир!"
    private const string Pair = "\"input\":{\"text\":\"hello\",\"text_pair\":\"Привет, мир!\"}";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_pair_gets_the_softmax_of_its_scores_and_the_best_label_s_name()
    {
        Write(config => config["problem_type"] = "single_label_classification");
        await using var surface = await EncoderSurface.OpenAsync(folder.Path);

        var answer = await surface.AskAsync("/v1/classify", Pair);

        var entry = answer["data"]![0]!;
        double[] powers = [Math.Exp(Score), Math.Exp(2 * Score), Math.Exp(5)];
        for (var i = 0; i < 3; i++) ((double)entry["probs"]![i]!).ShouldBe(powers[i] / powers.Sum(), 1e-5);
        ((string?)entry["label"]).ShouldBe("yes");
        ((int)entry["num_classes"]!).ShouldBe(3);
        ((string?)answer["object"]).ShouldBe("list");
        ((int)answer["usage"]!["total_tokens"]!).ShouldBe(11);
    }

    [Fact]
    public async Task Labels_that_do_not_exclude_each_other_have_their_own_probabilities_and_raw_scores_are_logits()
    {
        Write(config => config["problem_type"] = "multi_label_classification");
        await using var surface = await EncoderSurface.OpenAsync(folder.Path);

        var own = (await surface.AskAsync("/v1/classify", Pair))["data"]![0]!["probs"]!;
        var raw = (await surface.AskAsync("/v1/classify", Pair + ",\"raw_scores\":true"))["data"]![0]!["probs"]!;

        ((double)own[1]!).ShouldBe(1 / (1 + Math.Exp(-2 * Score)), 1e-5);
        ((double)raw[1]!).ShouldBe(2 * Score, 4e-5);
    }

    [Fact]
    public async Task Texts_alone_keep_their_order_and_a_reranking_is_refused_with_the_way_to_go()
    {
        Write(_ => { });
        await using var surface = await EncoderSurface.OpenAsync(folder.Path);

        var both = (await surface.AskAsync("/v1/classify", "\"input\":[\"What is the capital of France?\",\"hello\"],\"raw_scores\":true"))["data"]!;
        var second = (await surface.AskAsync("/v1/classify", "\"input\":\"hello\",\"raw_scores\":true"))["data"]![0]!;

        ((double)both[1]!["probs"]![0]!).ShouldBe((double)second["probs"]![0]!, 1e-5);
        Math.Abs((double)both[0]!["probs"]![0]! - (double)second["probs"]![0]!).ShouldBeGreaterThan(1e-5);
        ((string?)(await surface.RefusedAsync("/v1/rerank", "\"query\":\"a\",\"documents\":[\"b\"]"))["message"])!.ShouldContain("/v1/classify");
    }

    [Fact]
    public async Task Each_field_is_accepted_or_refused_by_name()
    {
        Write(_ => { });
        await using var surface = await EncoderSurface.OpenAsync(folder.Path);
        foreach (var field in (string[])["input", "raw_scores", "truncate_prompt_tokens", "user"]) await surface.MustNameAsync("/v1/classify", "\"input\":\"a\"", field);
        ((string?)(await surface.RefusedAsync("/v1/classify", "\"input\":[{\"text_pair\":\"a\"}]"))["param"]).ShouldBe("input[0].text");
    }

    private void Write(Action<JsonObject> change)
    {
        var golden = Shared.Golden("embeddings", "bert-reranker");
        foreach (var file in Directory.EnumerateFiles(golden, "token*.json")) File.Copy(file, folder.File(Path.GetFileName(file)));
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(golden, "config.json")))!;
        config["id2label"] = new JsonObject { ["0"] = "no", ["1"] = "maybe", ["2"] = "yes" };
        change(config);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        using var weights = new SafetensorsFile(Path.Combine(golden, "model.safetensors"));
        var writer = new SafetensorsWriter();
        foreach (var (name, stored) in weights.Tensors)
        {
            var values = new float[stored.Count];
            stored.Read(0, values);
            if (name.StartsWith("classifier.", StringComparison.Ordinal)) values = [.. values, .. values.Select(x => 2 * x), .. values.Select(_ => name.EndsWith("bias", StringComparison.Ordinal) ? 5f : 0)];
            writer.Add(name, "F32", MemoryMarshal.AsBytes(values.AsSpan()), name.StartsWith("classifier.", StringComparison.Ordinal) ? [3, .. stored.Shape[1..]] : stored.Shape.ToArray());
        }

        writer.Save(folder.File("model.safetensors"));
    }
}
