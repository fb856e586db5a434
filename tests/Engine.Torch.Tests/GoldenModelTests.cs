using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Equality with the reference implementation, layer by layer and token by token.</summary>
public class GoldenModelTests
{
    public static TheoryData<string> Families => ["gpt2", "llama2", "llama3", "smollm", "bloom", "llama_yarn", "llama_linear", "llama_dynamic"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_rung_of_the_ladder_is_the_reference_s(string family)
    {
        using var model = new GoldenModel(family);
        for (var prompt = 0; prompt < 2; prompt++)
        {
            var ids = GoldenModel.Ids(model.Golden["short"]![prompt]!["prompt_ids"]);
            var rungs = new Dictionary<string, float[]>();
            model.Runner.Observer = (name, rows) => rungs[name] = rows.contiguous().data<float>().ToArray();

            var logits = model.Forward(ids, ids.Length);

            rungs.Count.ShouldBeGreaterThan(2);
            foreach (var (name, rows) in rungs)
                GoldenModel.Distance(rows, model.Tensor($"short.{prompt}.{name}")).ShouldBeLessThan(model.Tolerance("hidden_abs"), $"{family}: {name} of prompt {prompt}");
            GoldenModel.Distance(logits, model.Tensor($"short.{prompt}.logits")).ShouldBeLessThan(model.Tolerance("logits_abs"));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void The_other_style_of_config_json_gives_the_same_numbers(string family)
    {
        using var model = new GoldenModel(family);
        var folder = Directory.CreateTempSubdirectory("golden-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Shared.Golden("models", family))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            File.Move(Path.Combine(folder, "config_other_style.json"), Path.Combine(folder, "config.json"), overwrite: true);
            using var other = new GoldenModel(family, folder);
            var ids = GoldenModel.Ids(model.Golden["short"]![0]!["prompt_ids"]);

            GoldenModel.Distance(model.Forward(ids, 1), other.Forward(ids, 1)).ShouldBe(0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Without llama_dynamic, whose context ends before the long prompt does: the server refuses it.</summary>
    public static TheoryData<string> LongFamilies => [.. Families.Select(row => row.Data).Where(family => family != "llama_dynamic")];

    [Theory]
    [MemberData(nameof(LongFamilies))]
    public void A_long_prompt_is_the_reference_s_to_its_last_positions(string family)
    {
        using var model = new GoldenModel(family);
        var ids = GoldenModel.Ids(model.Golden["long"]!["prompt_ids"]);

        GoldenModel.Distance(model.Forward(ids, 4), model.Tensor("long.logits")).ShouldBeLessThan(model.Tolerance("logits_abs"));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Greedy_tokens_and_their_log_probabilities_are_the_reference_s(string family)
    {
        using var model = new GoldenModel(family);
        await using var backend = new BatchingBackend(model.Runner, model.Card, new BatchingOptions(), TimeProvider.System);
        foreach (var run in (JsonArray)model.Golden["greedy"]!)
        {
            var expected = GoldenModel.Ids(run!["new_ids"]);
            var request = new GenerationRequest(GoldenModel.Ids(run["prompt_ids"]), SamplingOptions.Greedy with { LogProbs = 5 }, expected.Length, []);

            var events = await backend.Generate([request], TestContext.Current.CancellationToken)[0].ToListAsync(TestContext.Current.CancellationToken);

            events.Select(e => e.Token).ShouldBe(expected);
            for (var step = 0; step < expected.Length; step++)
            {
                var golden = run["steps"]![step]!;
                ((double)events[step].LogProbs!.LogProb).ShouldBe((double)golden["logprob"]!, 1e-3);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Prompts_of_very_different_length_in_one_batch_give_what_each_gives_alone(string family)
    {
        using var model = new GoldenModel(family);
        await using var backend = new BatchingBackend(model.Runner, model.Card, new BatchingOptions(), TimeProvider.System);
        var rows = ((JsonArray)model.Golden["ragged"]!).Select(row => (Prompt: GoldenModel.Ids(row!["prompt_ids"]), New: GoldenModel.Ids(row["new_ids"]))).ToList();

        var streams = backend.Generate([.. rows.Select(row => new GenerationRequest(row.Prompt, SamplingOptions.Greedy, row.New.Length, []))], TestContext.Current.CancellationToken);
        var answers = await Task.WhenAll(streams.Select(async stream => await stream.Select(e => e.Token).ToListAsync(TestContext.Current.CancellationToken)));

        for (var i = 0; i < rows.Count; i++) answers[i].ShouldBe(rows[i].New);
    }
}
