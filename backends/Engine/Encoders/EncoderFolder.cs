using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>What an embedding model or a reranker may be asked for.</summary>
public enum EncoderTask
{
    /// <summary>A vector of a text.</summary>
    Embedding,

    /// <summary>Scores of a pair of texts (a cross-encoder): one a label.</summary>
    Scoring,
}

/// <summary>
/// A model folder read as an embedding model or a cross-encoder: what sentence-transformers' files say beside the network. Immutable; the
/// small weights of dense layers and heads are in memory, so the folder may be closed.
/// </summary>
public sealed record EncoderFolder
{
    /// <summary>What it is for.</summary>
    public required EncoderTask Task { get; init; }

    /// <summary>From hidden states to the result.</summary>
    public required Readout Readout { get; init; }

    /// <summary>Most tokens of a text, special ones included.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Whether texts are lowered before the tokenizer sees them (<c>do_lower_case</c> of sentence_bert_config.json).</summary>
    public bool Lowercase { get; init; }

    /// <summary>Texts to put before a text, by name.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    /// <summary>The prompt of requests that name none.</summary>
    public string? DefaultPrompt { get; init; }

    /// <summary>Whether pooling counts the prompt's tokens.</summary>
    public bool PoolsPrompt { get; init; } = true;

    /// <summary>Names of the scores of a cross-encoder.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether one label excludes the others (probabilities by softmax) or each stands for itself (by the sigmoid).</summary>
    public bool LabelsExclude { get; init; }

    /// <summary>Whether a folder is one: it has a <c>modules.json</c>, or its network is an encoder.</summary>
    public static bool Is(ModelFolder folder) => File.Exists(Path.Combine(folder.Path, "modules.json")) || EncoderSpec.Families.Contains(FamilyOf(folder.Config) ?? "");

    /// <summary>Whether its network is an encoder, and not a decoder read for its hidden states.</summary>
    public static bool HasEncoder(ModelFolder folder) => EncoderSpec.Families.Contains(FamilyOf(folder.Config) ?? "");

    /// <summary>Whether the network is there as an ONNX graph only.</summary>
    public static bool IsGraph(ModelFolder folder) => folder.Tensors.Tensors.Count == 0 && folder.Graphs.Count > 0;

    /// <summary>Reads the files beside the network.</summary>
    /// <exception cref="ModelFolderException">A file is of the wrong shape, or names something that is not supported.</exception>
    public static EncoderFolder Read(ModelFolder folder)
    {
        var (hidden, context) = Sizes(folder);
        if (ClassificationHead.Labels(folder.Config) is { Count: > 0 } labels)
        {
            return new EncoderFolder
            {
                Task = EncoderTask.Scoring,
                // An exported graph holds its head.
                Readout = IsGraph(folder) ? new Readout(labels.Count, [PoolingMode.Cls], []) : ClassificationHead.Read(folder, hidden, labels.Count),
                MaxTokens = SentenceFiles.MaxTokens(folder.Path, context),
                Labels = labels,
                LabelsExclude = labels.Count > 1 && folder.Config["problem_type"]?.ToString() != "multi_label_classification",
            };
        }

        var (prompts, defaultPrompt) = SentenceFiles.Prompts(folder.Path);
        var modules = SentenceModules.Read(folder.Path, hidden);
        return new EncoderFolder
        {
            Task = EncoderTask.Embedding,
            Readout = modules.Readout,
            PoolsPrompt = modules.PoolsPrompt,
            MaxTokens = SentenceFiles.MaxTokens(folder.Path, context),
            Lowercase = SentenceFiles.Lowercase(folder.Path),
            Prompts = prompts,
            DefaultPrompt = defaultPrompt,
        };
    }

    private static (int Hidden, int Context) Sizes(ModelFolder folder)
    {
        if (HasEncoder(folder))
        {
            var encoder = EncoderSpec.FromConfig(folder.Config, folder.Path);
            return (encoder.Hidden, encoder.ContextLength);
        }

        if (!DecoderSpec.Families.Contains(FamilyOf(folder.Config) ?? "")) EncoderSpec.FromConfig(folder.Config, folder.Path); // refuses, and names what is known
        // gte-Qwen2 and EmbeddingGemma are decoders by name that let every token see every other.
        if (Flag(folder.Config, "is_causal") == false || Flag(folder.Config, "use_bidirectional_attention") == true)
            throw new ModelFolderException(folder.Path, "this decoder attends in both directions, which is not supported");
        var decoder = DecoderSpec.FromConfig(folder.Config, folder.Path);
        return (decoder.Hidden, decoder.ContextLength);
    }

    private static bool? Flag(JsonObject config, string name) => config[name] is JsonValue value && value.TryGetValue(out bool flag) ? flag : null;

    private static string? FamilyOf(JsonObject config) => config["model_type"] is JsonValue value && value.TryGetValue(out string? family) ? family : null;
}
