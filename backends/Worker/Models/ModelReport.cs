using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Exported;

namespace Gateway.Worker.Models;

/// <summary>What a folder or file is, found from headers and configuration alone: no weight is read.</summary>
internal sealed record ModelReport
{
    public required string Path { get; init; }

    /// <summary>Why it cannot be served; null where it can.</summary>
    public string? Refusal { get; init; }

    /// <summary><c>generation</c>, <c>embedding</c> or <c>rerank</c>.</summary>
    public string Task { get; init; } = "generation";

    public string Architecture { get; init; } = "";

    /// <summary>Numbers in all weights.</summary>
    public long Parameters { get; init; }

    /// <summary>How they are stored, most numbers first.</summary>
    public IReadOnlyList<string> StoredAs { get; init; } = [];

    public int Layers { get; init; }

    public int Hidden { get; init; }

    public int Vocabulary { get; init; }

    /// <summary>Most tokens.</summary>
    public int Context { get; init; }

    /// <summary>Width of a vector, for embedding models.</summary>
    public int? Dimensions { get; init; }

    public bool HasTemplate { get; init; }

    /// <summary>Tokens that the tokenizer knows, or why it cannot be used.</summary>
    public string Tokenizer { get; init; } = "";

    /// <summary>Bytes of the weights in memory by format; what an engine adds for its own work comes on top.</summary>
    public IReadOnlyList<(string Format, long Bytes)> Memory { get; init; } = [];

    /// <summary>Bytes of keys and values for a thousand tokens.</summary>
    public long CachePerThousand { get; init; }

    /// <summary>Which engine would serve it, and why.</summary>
    public EngineChoice? Choice { get; init; }

    public static ModelReport Of(string path)
    {
        try
        {
            using var folder = ModelFolder.Open(path);
            return EncoderFolder.Is(folder) ? OfEncoder(path, folder) : ExportedFolder.Is(folder) ? OfExported(path, folder) : OfDecoder(path, folder);
        }
        catch (Exception refused) when (refused is ModelFolderException or IOException or UnauthorizedAccessException)
        {
            return new ModelReport { Path = path, Refusal = refused.Message };
        }
    }

    private static ModelReport OfDecoder(string path, ModelFolder folder)
    {
        var spec = DecoderSpec.FromConfig(folder.Config, path);
        var (parameters, stored) = Weights(folder);
        if (folder.Tokenizer.Count > spec.Vocabulary) throw new ModelFolderException(path, $"the tokenizer goes up to id {folder.Tokenizer.Count - 1}, but the model has {spec.Vocabulary} embeddings");
        var table = (long)spec.Vocabulary * (spec.EmbeddingWidth ?? spec.Hidden);
        return new ModelReport
        {
            Path = path,
            Architecture = spec.Architecture,
            Parameters = parameters,
            StoredAs = stored,
            Layers = spec.Layers,
            Hidden = spec.Hidden,
            Vocabulary = spec.Vocabulary,
            Context = spec.ContextLength,
            HasTemplate = ModelLoader.TemplateOf(folder) is not null,
            Tokenizer = TokenizerOf(folder),
            // A tied head is a second copy, arranged for multiplying; rounded formats keep the table in 16 bits and 36 bits or 20 for every 32 or so numbers.
            Memory = [("f32", Bytes(4)), ("bf16", Bytes(2)), ("q8", (table * 2) + (long)((parameters - table + Tied()) * 1.125)), ("q4", (table * 2) + (long)(Tied() * 1.125) + (long)((parameters - table) * 0.64))],
            CachePerThousand = 1000L * 2 * spec.Layers * spec.KvHeads * spec.HeadDim * sizeof(float),
            Choice = EngineChoice.Of("auto", "auto", path),
        };

        long Tied() => spec.TiedHead ? table : 0;
        long Bytes(int each) => (parameters + Tied()) * each;
    }

    private static ModelReport OfExported(string path, ModelFolder folder)
    {
        var exported = ExportedFolder.Read(folder);
        return new ModelReport
        {
            Path = path,
            Architecture = ExportedLoader.ArchitectureOf(folder),
            Context = exported.ContextLength,
            HasTemplate = ModelLoader.TemplateOf(folder) is not null,
            Tokenizer = TokenizerOf(folder),
            Choice = new EngineChoice("onnx", $"the folder holds a graph and no weights ({System.IO.Path.GetFileName(exported.GraphPath)})"),
        };
    }

    private static ModelReport OfEncoder(string path, ModelFolder folder)
    {
        var encoder = EncoderFolder.Read(folder);
        var (parameters, stored) = Weights(folder);
        return new ModelReport
        {
            Path = path,
            Task = encoder.Task == EncoderTask.Embedding ? "embedding" : "rerank",
            Architecture = folder.Config["model_type"]!.ToString(),
            Parameters = parameters,
            StoredAs = stored,
            Context = encoder.MaxTokens,
            Dimensions = encoder.Readout.Width,
            Tokenizer = TokenizerOf(folder),
            Memory = parameters > 0 ? [("f32", parameters * 4)] : [],
            Choice = EngineChoice.OfEncoder(folder, "auto", "auto"),
        };
    }

    private static (long Parameters, IReadOnlyList<string> StoredAs) Weights(ModelFolder folder)
    {
        var byType = folder.Tensors.Tensors.Values.GroupBy(tensor => tensor.Type).Select(group => (Type: group.Key, Count: group.Sum(tensor => tensor.Count))).OrderByDescending(pair => pair.Count).ToList();
        return (byType.Sum(pair => pair.Count), [.. byType.Select(pair => pair.Type)]);
    }

    private static string TokenizerOf(ModelFolder folder)
    {
        try
        {
            return $"{folder.Tokenizer.Count} tokens";
        }
        catch (ModelFolderException refused)
        {
            return $"cannot be used: {refused.Message}";
        }
    }
}
