using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Families;

/// <summary>
/// What every engine owes every family: the reference implementation's numbers, layer by layer and token by token. An engine inherits this.
/// </summary>
public abstract class FamilySuite : CompanionSuite
{
    /// <summary>Families whose scaling depends on the length of the sequence, with a run that crosses their original context.</summary>
    public static TheoryData<string> Crossing => ["llama_dynamic", "phi3"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_rung_of_the_ladder_is_the_reference_s(string family)
    {
        using var model = new GoldenModel(family);
        var rungs = new Dictionary<string, float[]>();
        using var runner = Load(model.Folder, CacheSize.Small, (name, values) => rungs[name] = values);
        for (var prompt = 0; prompt < 2; prompt++)
        {
            var ids = GoldenModel.Ids(model.Golden["short"]![prompt]!["prompt_ids"]);
            rungs.Clear();

            var logits = Forward(runner, ids, ids.Length);

            foreach (var name in model.TensorNames.Where(name => name.StartsWith($"short.{prompt}.", StringComparison.Ordinal)))
            {
                var rung = name[$"short.{prompt}.".Length..];
                var kind = rung == "logits" ? "logits_abs" : rung.StartsWith("attention", StringComparison.Ordinal) ? "attention_abs" : "hidden_abs";
                var found = rung == "logits" ? logits : rungs.GetValueOrDefault(rung).ShouldNotBeNull($"{family}: {rung} was not shown");
                GoldenModel.Distance(found, model.Tensor(name)).ShouldBeLessThan(model.Tolerance(kind), $"{family}: {rung} of prompt {prompt}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_prompt_in_one_pass_in_pieces_and_in_the_other_style_of_config_json_gives_the_reference_s_logits(string family)
    {
        using var model = new GoldenModel(family);
        using var other = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(model.Path)) File.Copy(file, Path.Combine(other.Path, Path.GetFileName(file)));
        File.Copy(Path.Combine(model.Path, "config_other_style.json"), Path.Combine(other.Path, "config.json"), overwrite: true);
        using var otherFolder = ModelFolder.Open(other.Path);
        using var runner = Load(model.Folder, CacheSize.Small);
        using var otherRunner = Load(otherFolder, CacheSize.Small);
        var ids = GoldenModel.Ids(model.Golden["short"]![0]!["prompt_ids"]);
        var expected = model.Tensor("short.0.logits").AsSpan(^runner.Shape.Vocabulary..);

        GoldenModel.Distance(Forward(runner, ids, 1), expected).ShouldBeLessThan(model.Tolerance("logits_abs"));
        GoldenModel.Distance(Forward(otherRunner, ids, 1), expected).ShouldBeLessThan(model.Tolerance("logits_abs"));
        GoldenModel.Distance(Forward(runner, ids, 1, piece: 5), expected).ShouldBeLessThan(model.Tolerance("logits_abs"));
        otherRunner.Shape.ContextLength.ShouldBe(runner.Shape.ContextLength);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_long_prompt_is_the_reference_s_to_its_last_positions(string family)
    {
        using var model = new GoldenModel(family);
        using var runner = Load(model.Folder, CacheSize.Small);
        var ids = GoldenModel.Ids(model.Golden["long"]!["prompt_ids"]);

        GoldenModel.Distance(Forward(runner, ids, 4), model.Tensor("long.logits")).ShouldBeLessThan(model.Tolerance("logits_abs"));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Greedy_tokens_and_their_log_probabilities_are_the_reference_s(string family)
    {
        using var model = new GoldenModel(family);
        await using var backend = Serve(Load(model.Folder, CacheSize.Small));
        foreach (var run in (JsonArray)model.Golden["greedy"]!)
        {
            var expected = GoldenModel.Ids(run!["new_ids"]);

            var events = await Generate(backend, new GenerationRequest(GoldenModel.Ids(run["prompt_ids"]), SamplingOptions.Greedy with { LogProbs = 5 }, expected.Length, []));

            events.Select(e => e.Token).ShouldBe(expected);
            for (var step = 0; step < expected.Length; step++)
                ((double)events[step].LogProbs!.LogProb).ShouldBe((double)run["steps"]![step]!["logprob"]!, 1e-3);
        }
    }

    [Theory]
    [MemberData(nameof(Crossing))]
    public async Task A_sequence_that_grows_past_the_original_context_goes_on_as_the_reference_does(string family)
    {
        using var model = new GoldenModel(family);
        await using var backend = Serve(Load(model.Folder, CacheSize.Small));
        var crossing = model.Golden["crossing"]!;
        var expected = GoldenModel.Ids(crossing["new_ids_generate"]);

        var events = await Generate(backend, new GenerationRequest(GoldenModel.Ids(crossing["prompt_ids"]), SamplingOptions.Greedy, expected.Length, []));

        events.Select(e => e.Token).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Prompts_of_very_different_length_in_one_batch_give_what_each_gives_alone(string family)
    {
        using var model = new GoldenModel(family);
        await using var backend = Serve(Load(model.Folder, CacheSize.Small));
        var rows = ((JsonArray)model.Golden["ragged"]!).Select(row => (Prompt: GoldenModel.Ids(row!["prompt_ids"]), New: GoldenModel.Ids(row["new_ids"]))).ToList();

        var answers = await Task.WhenAll(rows.Select(row => Generate(backend, new GenerationRequest(row.Prompt, SamplingOptions.Greedy, row.New.Length, []))));

        for (var i = 0; i < rows.Count; i++) answers[i].Select(e => e.Token).ShouldBe(rows[i].New);
    }

    /// <summary>An engine over a golden folder.</summary>
    /// <param name="folder">What to load.</param>
    /// <param name="cache">How much cache.</param>
    /// <param name="observe">Told of each forward pass <c>embed</c>, <c>layer.N</c>, <c>attention.N</c>, <c>router.N</c> and <c>final</c>, row major; null where nobody looks.</param>
    protected abstract IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe);

    /// <inheritdoc/>
    protected sealed override IModelRunner Load(ModelFolder folder, CacheSize cache) => Load(folder, cache, null);

    /// <summary>One sequence through the runner, in blocks from the last to the first; logits of its last rows.</summary>
    private static float[] Forward(IModelRunner runner, int[] prompt, int rows, int? piece = null)
    {
        var logits = new float[rows * runner.Shape.Vocabulary];
        var blocks = Enumerable.Range(0, (prompt.Length + runner.Shape.BlockSize - 1) / runner.Shape.BlockSize).Reverse().ToArray();
        for (var start = 0; start < prompt.Length;)
        {
            var tokens = Math.Min(piece ?? prompt.Length, prompt.Length - start);
            var last = start + tokens == prompt.Length;
            runner.Forward([new Slice(1, prompt.AsMemory(start, tokens), start, blocks, last ? rows : 0, prompt.Length)], last ? logits : []);
            start += tokens;
        }

        return logits;
    }
}
