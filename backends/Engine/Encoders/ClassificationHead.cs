using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>The head of a cross-encoder: transformers' <c>…ForSequenceClassification</c>.</summary>
internal static class ClassificationHead
{
    private const int DefaultLabels = 2; // transformers' when a configuration names neither labels nor their number

    /// <summary>The labels' names in order; empty for a model without such a head.</summary>
    public static IReadOnlyList<string> Labels(JsonObject config)
    {
        var architectures = (config["architectures"] as JsonArray)?.Select(name => name?.ToString() ?? "") ?? [];
        if (!architectures.Any(name => name.EndsWith("ForSequenceClassification", StringComparison.Ordinal))) return [];
        if (config["id2label"] is JsonObject { Count: > 0 } named)
            return [.. Enumerable.Range(0, named.Count).Select(id => named[id.ToString(System.Globalization.CultureInfo.InvariantCulture)]?.ToString() ?? $"LABEL_{id}")];
        var count = config["num_labels"] is JsonValue value && value.TryGetValue(out int labels) && labels is > 0 and <= 1 << 16 ? labels : DefaultLabels;
        return [.. Enumerable.Range(0, count).Select(id => $"LABEL_{id}")];
    }

    /// <summary>From hidden states to one raw score a label.</summary>
    public static Readout Read(ModelFolder folder, int hidden, int labels)
    {
        var (source, file) = (folder.Tensors, folder.Path);
        if (!EncoderFolder.HasEncoder(folder)) throw new ModelFolderException(file, "a decoder with a classification head is not supported");
        var read = new ConfigReader(folder.Config, file);
        DenseStep Dense(string name, DenseActivation activation, int @out) =>
            new(source.Need(name + ".weight", file, @out, hidden), source.Find(name + ".bias", file, @out), @out, activation);
        return read.Text("model_type") switch
        {
            "bert" => new Readout(hidden, [PoolingMode.Cls], [Dense(Pooler(source), DenseActivation.Tanh, hidden), Dense("classifier", DenseActivation.Identity, labels)]),
            "distilbert" => new Readout(hidden, [PoolingMode.Cls], [Dense("pre_classifier", DenseActivation.Relu, hidden), Dense("classifier", DenseActivation.Identity, labels)]),
            "modernbert" => new Readout(hidden, [ModernPooling(read)],
            [
                Dense("head.dense", ModernActivation(read), hidden),
                new LayerNormStep(source.Need("head.norm.weight", file, hidden), source.Find("head.norm.bias", file, hidden), read.Real("norm_eps", 1e-5)),
                Dense("classifier", DenseActivation.Identity, labels),
            ]),
            _ => new Readout(hidden, [PoolingMode.Cls], [Dense("classifier.dense", DenseActivation.Tanh, hidden), Dense("classifier.out_proj", DenseActivation.Identity, labels)]),
        };
    }

    private static string Pooler(TensorSource source) => source.Tensors.ContainsKey("bert.pooler.dense.weight") ? "bert.pooler.dense" : "pooler.dense";

    private static PoolingMode ModernPooling(ConfigReader read) => read.Text("classifier_pooling") switch
    {
        null or "cls" => PoolingMode.Cls,
        "mean" => PoolingMode.Mean,
        var other => throw read.Bad($"'classifier_pooling': '{other}' is not supported"),
    };

    private static DenseActivation ModernActivation(ConfigReader read) => read.Text("classifier_activation") switch
    {
        null or "gelu" => DenseActivation.Gelu,
        "relu" => DenseActivation.Relu,
        "silu" => DenseActivation.Silu,
        "tanh" => DenseActivation.Tanh,
        var other => throw read.Bad($"'classifier_activation': '{other}' is not supported"),
    };
}
