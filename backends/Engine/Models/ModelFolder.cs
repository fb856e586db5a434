using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Models.Gguf;
using Gateway.Engine.Models.Safetensors;
using Gateway.Engine.Models.TokenizerFiles;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models;

/// <summary>
/// The files of a model: a Hugging Face folder, or a GGUF file read as if it were one. Everything else in the program sees Hugging Face names,
/// layouts and configuration only. Opening maps the weights and reads headers; the tokenizer is built when first asked for.
/// </summary>
public sealed class ModelFolder : IDisposable
{
    private readonly Lazy<Tokenizer> tokenizer;

    private ModelFolder(string path, JsonObject config, TensorSource tensors, Func<Tokenizer> tokenizer)
    {
        Path = path;
        Config = config;
        Tensors = tensors;
        this.tokenizer = new Lazy<Tokenizer>(tokenizer);
    }

    /// <summary>The folder, or the GGUF file.</summary>
    public string Path { get; }

    /// <summary><c>config.json</c>, or what a GGUF file's metadata say in its terms.</summary>
    public JsonObject Config { get; }

    /// <summary>The weights.</summary>
    public TensorSource Tensors { get; }

    /// <summary>ONNX graphs of the folder and of its sub-folder <c>onnx</c>, as exporters leave them; by name.</summary>
    public IReadOnlyList<string> Graphs { get; private init; } = [];

    /// <summary>The tokenizer.</summary>
    /// <exception cref="ModelFolderException">The tokenizer's file is missing or of the wrong shape.</exception>
    public Tokenizer Tokenizer => tokenizer.Value;

    /// <summary>The chat template's source, or null for a model that cannot chat.</summary>
    public string? ChatTemplateSource { get; private init; }

    /// <summary>Texts of <c>bos_token</c>, <c>eos_token</c> and their like.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; private init; } = new Dictionary<string, string>();

    /// <summary>The makers' defaults.</summary>
    public GenerationDefaults Generation { get; private init; } = new();

    /// <summary>Most positions that the model was made for.</summary>
    public int ContextLength { get; private init; }

    /// <summary>Whether the network is an exported graph: there are no weights beside it.</summary>
    public bool IsExported => Graphs.Count > 0 && Tensors.Tensors.Count == 0;

    /// <summary>Opens a folder with <c>config.json</c> and safetensors or ONNX graphs, a folder with exactly one <c>.gguf</c>, or a <c>.gguf</c> file.</summary>
    /// <exception cref="ModelFolderException">Names the file at fault.</exception>
    public static ModelFolder Open(string path)
    {
        try
        {
            if (File.Exists(path)) return OpenGguf(path);
            if (!Directory.Exists(path)) throw new ModelFolderException(path, "there is no such folder or file");
            if (ExportedFiles.HasConfig(path) && (Directory.EnumerateFiles(path, "*.safetensors").Any() || GraphsOf(path).Count > 0)) return OpenHuggingFace(path);
            return Directory.GetFiles(path, "*.gguf") switch
            {
                [var one] => OpenGguf(one),
                [] => throw new ModelFolderException(path, "holds neither config.json with *.safetensors or *.onnx nor a .gguf file"),
                var many => throw new ModelFolderException(path, $"holds {many.Length} .gguf files; name the one to serve"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(path, $"cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Tensors.Dispose();

    private static ModelFolder OpenHuggingFace(string path)
    {
        string File_(string name) => System.IO.Path.Combine(path, name);
        var config = ExportedFiles.ReadConfig(path);
        var tokenizerConfig = ModelFiles.ReadObjectIfThere(File_("tokenizer_config.json")) ?? [];
        var generation = GenerationDefaults.From(ModelFiles.ReadObjectIfThere(File_("generation_config.json")), config, File_("generation_config.json"));
        var context = ContextOf(config, File_("config.json"));
        var tensors = ShardedTensors.Open(path);
        return new ModelFolder(path, config, tensors, () => TokenizerFile.Read(path, config, tokenizerConfig))
        {
            ChatTemplateSource = TemplateOf(File_("chat_template.jinja"), tokenizerConfig),
            SpecialTokens = SpecialTokensOf(tokenizerConfig),
            Generation = generation,
            ContextLength = context,
            Graphs = GraphsOf(path),
        };
    }

    private static ModelFolder OpenGguf(string path)
    {
        var file = new GgufFile(path);
        try
        {
            var model = new GgufModel(file);
            return new ModelFolder(path, model.Config, model.Tensors, () => Text.Tokenizer.FromJson(model.TokenizerJson(), path))
            {
                ChatTemplateSource = model.ChatTemplate,
                SpecialTokens = model.SpecialTokens,
                Generation = new GenerationDefaults { EndTokens = model.EndTokens },
                ContextLength = ContextOf(model.Config, path),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static List<string> GraphsOf(string path) =>
        [.. ((string[])[path, System.IO.Path.Combine(path, "onnx")]).Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.onnx")).Order(StringComparer.Ordinal)];

    /// <summary>A file of its own wins over the entry in <c>tokenizer_config.json</c>, which is one text or a list of named ones.</summary>
    private static string? TemplateOf(string file, JsonObject tokenizerConfig)
    {
        if (File.Exists(file)) return Encoding.UTF8.GetString(ModelFiles.ReadSmall(file));
        return tokenizerConfig["chat_template"] switch
        {
            JsonValue value => TextOf(value),
            JsonArray named => named.OfType<JsonObject>().Where(entry => TextOf(entry["name"]) == "default").Select(entry => TextOf(entry["template"])).FirstOrDefault(),
            _ => null,
        };
    }

    private static Dictionary<string, string> SpecialTokensOf(JsonObject tokenizerConfig)
    {
        var found = new Dictionary<string, string>();
        foreach (var (name, node) in tokenizerConfig)
        {
            if (!name.EndsWith("_token", StringComparison.Ordinal)) continue;
            if (TextOf(node is JsonObject described ? described["content"] : node) is { } token) found[name] = token;
        }

        return found;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static int ContextOf(JsonObject config, string file)
    {
        var text = config["text_config"] as JsonObject ?? config;
        foreach (var name in (string[])["max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_sequence_length"])
        {
            if (text[name] is not { } node) continue;
            if (node is JsonValue value && value.TryGetValue(out int length) && length > 0) return length;
            throw new ModelFolderException(file, $"'{name}' is {node.ToJsonString()}, not a positive number");
        }

        // BLOOM has no longest position: ALiBi reaches as far as memory does. Its makers trained on 2,048.
        return 2048;
    }
}
