using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Gateway.TestKit.Families;
using Shouldly;
using Xunit;

namespace Gateway.TestKit.Encoders;

/// <summary>The same network under other names and layouts: a golden folder is rewritten, and its vectors must stay what they are.</summary>
public abstract class EncoderVariationSuite : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    /// <summary>The engine.</summary>
    protected abstract IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder);

    /// <inheritdoc/>
    public void Dispose()
    {
        temporary.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_BERT_without_token_types_is_a_DistilBERT()
    {
        Copy("bert-mean");
        var weights = Weights();
        var words = weights["embeddings.word_embeddings.weight"];
        var type = weights["embeddings.token_type_embeddings.weight"].Values; // row 0, the type of every token
        for (var i = 0; i < words.Values.Length; i++) words.Values[i] += type[i % 64];
        weights.Remove("embeddings.token_type_embeddings.weight");
        (string Old, string New)[] names =
        [
            ("encoder.layer.", "transformer.layer."), ("attention.self.query", "attention.q_lin"), ("attention.self.key", "attention.k_lin"), ("attention.self.value", "attention.v_lin"),
            ("attention.output.dense", "attention.out_lin"), ("attention.output.LayerNorm", "sa_layer_norm"), ("intermediate.dense", "ffn.lin1"),
            (".output.LayerNorm", ".output_layer_norm"), (".output.dense", ".ffn.lin2"),
        ];
        Save(weights.ToDictionary(entry => "distilbert." + names.Aggregate(entry.Key, (name, pair) => name.Replace(pair.Old, pair.New, StringComparison.Ordinal)), entry => entry.Value));
        Config("""{"model_type":"distilbert","vocab_size":271,"dim":64,"n_layers":2,"n_heads":4,"hidden_dim":128,"max_position_embeddings":192,"activation":"gelu"}""");

        await MustEqualGolden();
    }

    [Fact]
    public async Task A_BERT_whose_positions_begin_later_and_whose_distances_weigh_nothing_is_an_MPNet()
    {
        Copy("bert-mean");
        MakeMpnet(new float[32 * 4]);
        await MustEqualGolden();
    }

    [Fact]
    public async Task MPNet_s_biases_are_those_of_the_key_s_place_before_or_after_the_query()
    {
        // The first token's state is pooled. Keys at the query's place or far after it weigh nothing beside those one place after it, so that
        // the first layer's attention of token 0 sees token 1 alone, and no text after the second token can change it.
        Copy("bert-mean");
        var biases = new float[32 * 4];
        for (var head = 0; head < 4; head++) biases[((16 + 1) * 4) + head] = 1000;
        MakeMpnet(biases, layers: 1);
        File.WriteAllText(temporary.File("1_Pooling/config.json"), """{"word_embedding_dimension":64,"pooling_mode_cls_token":true}""");
        await using var model = new GoldenEncoder(temporary.Path, Load);

        var vectors = await model.EncodeAsync(model.Framing.Tokens([10, 20, 30], 128), model.Framing.Tokens([10, 40, 50], 128), model.Framing.Tokens([11, 20, 30], 128));

        GoldenModel.Distance(vectors[0], vectors[1]).ShouldBeLessThan(1e-6);
        GoldenModel.Distance(vectors[0], vectors[2]).ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void A_token_of_a_long_text_sees_what_it_sees_in_the_stretch_around_it()
    {
        // Four layers that see eight positions to each side reach 32 far, and turned positions are relative: the rest of the text is nothing to a token.
        Copy("modernbert-mean");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(temporary.File("config.json")))!;
        config["max_position_embeddings"] = 1024;
        config["layer_types"] = new JsonArray("sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention");
        Config(config.ToJsonString());
        using var folder = ModelFolder.Open(temporary.Path);
        using var runner = Load(folder, EncoderFolder.Read(folder));
        var chance = new Random(3);
        var text = Enumerable.Range(0, 700).Select(_ => chance.Next(10, 380)).ToArray();
        var states = new float[700 * 64];
        runner.Forward([new EncoderInput(text)], EncodedRows.All, states);

        foreach (var at in (int[])[0, 100, 255, 256, 290, 511, 512, 699])
        {
            var from = Math.Max(0, at - 40);
            var around = text[from..Math.Min(700, at + 41)];
            var near = new float[around.Length * 64];
            runner.Forward([new EncoderInput(around)], EncodedRows.All, near);
            GoldenModel.Distance(states.AsSpan(at * 64, 64), near.AsSpan((at - from) * 64, 64)).ShouldBeLessThan(1e-4, $"token {at}");
        }
    }

    [Fact]
    public async Task Prefixes_old_names_and_heads_of_pre_training_change_nothing()
    {
        Copy("bert-mean");
        var weights = Weights().ToDictionary(
            entry => "bert." + entry.Key.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), entry => entry.Value);
        weights["bert.pooler.dense.weight"] = ([64, 64], new float[64 * 64]);
        weights["cls.predictions.bias"] = ([271], new float[271]);
        Save(weights, writer => writer.Add("bert.embeddings.position_ids", "I64", new byte[192 * 8], 1, 192));

        await MustEqualGolden();
    }

    [Fact]
    public async Task A_head_of_several_labels_gives_a_score_for_each()
    {
        Copy("bert-reranker");
        var weights = Weights();
        var (row, bias) = (weights["classifier.weight"].Values, weights["classifier.bias"].Values[0]);
        weights["classifier.weight"] = ([3, 64], [.. row, .. row.Select(x => 2 * x), .. new float[64]]);
        weights["classifier.bias"] = ([3], [bias, 2 * bias, 5]);
        Save(weights);
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(temporary.File("config.json")))!;
        config["id2label"] = new JsonObject { ["0"] = "no", ["1"] = "maybe", ["2"] = "yes" };
        Config(config.ToJsonString());
        await using var model = new GoldenEncoder(temporary.Path, Load);

        var scores = (await model.EncodeAsync(model.Framing.Pair("hello", "Привет, мир!", 128)))[0];

        model.Folder.Labels.ShouldBe(["no", "maybe", "yes"]);
        ((double)scores[0]).ShouldBe(1.2486042976379395, 2e-5);
        ((double)scores[1]).ShouldBe(2 * 1.2486042976379395, 4e-5);
        scores[2].ShouldBe(5);
    }

    [Theory]
    [InlineData("encoder.layer.1.output.dense.bias", null, "")]
    [InlineData("encoder.layer.1.output.dense.weight", null, "missing")]
    [InlineData("embeddings.LayerNorm.weight", null, "missing")]
    [InlineData("encoder.layer.2.output.dense.weight", 128, "no place")]
    [InlineData("embeddings.position_embeddings.weight", 64, "shape")]
    public async Task Weights_that_do_not_fit_the_configuration_are_refused_by_name(string name, int? values, string because)
    {
        Copy("bert-mean");
        var weights = Weights();
        weights.Remove(name);
        if (values is { } count) weights[name] = ([count / 64, 64], new float[count]);
        Save(weights);
        if (because.Length == 0)
        {
            await using var model = new GoldenEncoder(temporary.Path, Load); // a linear without a bias is a linear
            return;
        }

        var refused = Should.Throw<ModelFolderException>(() => new GoldenEncoder(temporary.Path, Load));
        refused.Message.ShouldContain(because);
        refused.Message.ShouldContain(name);
    }

    private void MakeMpnet(float[] biases, int layers = 2)
    {
        var weights = Weights();
        var words = weights["embeddings.word_embeddings.weight"];
        var type = weights["embeddings.token_type_embeddings.weight"].Values;
        for (var i = 0; i < words.Values.Length; i++) words.Values[i] += type[i % 64];
        weights.Remove("embeddings.token_type_embeddings.weight");
        weights["embeddings.position_embeddings.weight"] = ([194, 64], [.. new float[128], .. weights["embeddings.position_embeddings.weight"].Values]);
        (string Old, string New)[] names =
        [
            ("attention.self.query", "attention.attn.q"), ("attention.self.key", "attention.attn.k"), ("attention.self.value", "attention.attn.v"),
            ("attention.output.dense", "attention.attn.o"), ("attention.output.LayerNorm", "attention.LayerNorm"),
        ];
        var renamed = weights.Where(entry => layers > 1 || !entry.Key.Contains("layer.1.", StringComparison.Ordinal))
            .ToDictionary(entry => names.Aggregate(entry.Key, (name, pair) => name.Replace(pair.Old, pair.New, StringComparison.Ordinal)), entry => entry.Value);
        renamed["encoder.relative_attention_bias.weight"] = ([32, 4], biases);
        Save(renamed);
        Config($$"""{"model_type":"mpnet","vocab_size":271,"hidden_size":64,"num_hidden_layers":{{layers}},"num_attention_heads":4,"intermediate_size":128,"max_position_embeddings":194,"layer_norm_eps":1e-12}""");
    }

    private async Task MustEqualGolden()
    {
        await using var model = new GoldenEncoder(temporary.Path, Load);
        var texts = ((JsonArray)model.Golden["texts"]!).Select(text => model.Framing.Text((string)text!, "", model.Folder.MaxTokens)).ToList();
        var vectors = await model.EncodeAsync(texts);
        var expected = GoldenEncoder.Rows(temporary.File("goldens.safetensors"), "plain");
        for (var i = 0; i < texts.Count; i++) GoldenModel.Distance(vectors[i], expected[i]).ShouldBeLessThan(2e-5);
    }

    private Dictionary<string, (long[] Shape, float[] Values)> Weights()
    {
        using var source = new SafetensorsFile(temporary.File("model.safetensors"));
        return source.Tensors.ToDictionary(entry => entry.Key, entry =>
        {
            var values = new float[entry.Value.Count];
            entry.Value.Read(0, values);
            return (entry.Value.Shape.ToArray(), values);
        });
    }

    private void Save(Dictionary<string, (long[] Shape, float[] Values)> weights, Action<SafetensorsWriter>? more = null)
    {
        var writer = new SafetensorsWriter();
        foreach (var (name, (shape, values)) in weights) writer.Add(name, "F32", MemoryMarshal.AsBytes(values.AsSpan()), shape);
        more?.Invoke(writer);
        writer.Save(temporary.File("model.safetensors"));
    }

    private void Config(string json) => File.WriteAllText(temporary.File("config.json"), json);

    private void Copy(string golden)
    {
        var from = Shared.GoldenOrOptional("embeddings", golden);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = temporary.File(Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetAttributes(target, FileAttributes.Normal);
        }
    }
}
