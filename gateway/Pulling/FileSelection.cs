using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Gateway.Pulling;

/// <summary>Which files of a model on a hub are needed to serve it.</summary>
internal static partial class FileSelection
{
    private static readonly HashSet<string> Small = new(StringComparer.Ordinal)
    {
        "config.json", "generation_config.json", "genai_config.json", "quantize_config.json", "preprocessor_config.json", "processor_config.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt",
        "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "tekken.json", "tiktoken.model", "chat_template.jinja", "chat_template.json",
        "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "adapter_config.json",
    };

    // Of several quantizations the one that most people take, and after it the nearest.
    private static readonly string[] Preferred = ["Q4_K_M", "Q4_K_S", "Q5_K_M", "Q4_0", "Q4_1", "Q5_0", "Q6_K", "Q8_0", "Q3_K_M", "F16", "BF16", "F32"];

    /// <summary>The files to pull.</summary>
    /// <param name="files">All files.</param>
    /// <param name="asked">Names, patterns with <c>*</c>, or quantizations such as <c>Q4_K_M</c>; empty for the usual.</param>
    /// <param name="say">Told of a choice that the caller may want to make otherwise.</param>
    /// <exception cref="PullException">Nothing can be served, or it is not clear which.</exception>
    public static IReadOnlyList<HubFile> Choose(IReadOnlyList<HubFile> files, IReadOnlyList<string> asked, Action<string> say)
    {
        if (asked.Count > 0) return Asked(files, asked);
        var weights = Safetensors(files);
        if (weights.Count > 0) return [.. files.Where(file => IsSmall(file.Path)), .. weights];
        var quantizations = files.Where(file => IsGguf(file.Path)).ToList();
        if (quantizations.Count > 0) return OneGguf(quantizations, say);
        if (files.Any(file => file.Path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)))
            throw new PullException($"its weights are ONNX graphs only; say which with --file: {Names(files.Where(file => file.Path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)))}");
        if (files.Any(file => file.Path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) || file.Path.EndsWith(".pt", StringComparison.OrdinalIgnoreCase) || file.Path.EndsWith(".pth", StringComparison.OrdinalIgnoreCase)))
            throw new PullException("its weights are Python pickles (.bin, .pt), which can run code when they are read and are not; look for a copy with safetensors or GGUF");
        throw new PullException("it holds no weights: neither safetensors nor GGUF nor ONNX");
    }

    private static List<HubFile> Asked(IReadOnlyList<HubFile> files, IReadOnlyList<string> asked)
    {
        var chosen = new List<HubFile>();
        foreach (var name in asked)
        {
            var found = files.Where(file => file.Path == name).ToList();
            if (found.Count == 0) found = [.. files.Where(file => FileSystemName.MatchesSimpleExpression(name, file.Path))];
            if (found.Count == 0) found = [.. files.Where(file => IsGguf(file.Path) && HasQuantization(file.Path, name))];
            if (found.Count == 0) throw new PullException($"it has no file '{FilePaths.Printable(name)}'; {(files.Any(file => IsGguf(file.Path)) ? $"its GGUF files are {Names(files.Where(file => IsGguf(file.Path)))}" : $"its weights are {Names(files.Where(file => IsWeights(file.Path)))}")}");
            chosen.AddRange(found);
            // Graphs past two gigabytes keep their weights in files beside them that begin with the graph's name.
            chosen.AddRange(found.Where(file => file.Path.EndsWith(".onnx", StringComparison.Ordinal)).SelectMany(graph => files.Where(file => file.Path.StartsWith(graph.Path + "_data", StringComparison.Ordinal) || file.Path.StartsWith(graph.Path + ".data", StringComparison.Ordinal))));
        }

        if (!chosen.TrueForAll(file => IsGguf(file.Path))) chosen.AddRange(files.Where(file => IsSmall(file.Path) || ModuleFile().IsMatch(file.Path)));
        return [.. chosen.Distinct()];
    }

    /// <summary>The checkpoint itself, not its variants in other number types nor its copy in the maker's own layout; and the modules of an embedding model.</summary>
    private static List<HubFile> Safetensors(IReadOnlyList<HubFile> files)
    {
        var root = files.Where(file => !file.Path.Contains('/') && (file.Path.EndsWith(".safetensors", StringComparison.Ordinal) || file.Path.EndsWith(".safetensors.index.json", StringComparison.Ordinal))).ToList();
        var usual = root.Where(file => UsualWeights().IsMatch(file.Path)).ToList();
        var chosen = usual.Exists(file => file.Path.EndsWith(".safetensors", StringComparison.Ordinal)) ? usual : root;
        if (chosen.Count > 0) chosen.AddRange(files.Where(file => ModuleFile().IsMatch(file.Path)));
        return chosen;
    }

    private static List<HubFile> OneGguf(List<HubFile> files, Action<string> say)
    {
        if (files is [var only]) return [only];
        foreach (var name in Preferred)
        {
            var found = files.Where(file => HasQuantization(file.Path, name)).ToList();
            if (found.Count == 0) continue;
            if (found.Count > 1 && !found.TrueForAll(file => Shard().IsMatch(file.Path))) break;
            say($"Takes {found[0].Path}; --file chooses another of {files.Count}");
            return found;
        }

        throw new PullException($"it has several GGUF files; say which with --file: {Names(files)}");
    }

    private static bool IsSmall(string path) => Small.Contains(path) || path.StartsWith("additional_chat_templates/", StringComparison.Ordinal) || (!path.Contains('/') && path.EndsWith(".tiktoken", StringComparison.Ordinal));

    // A projector of pictures is no model of its own.
    private static bool IsGguf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !path.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    private static bool IsWeights(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".onnx", StringComparison.Ordinal) || IsGguf(path);

    /// <summary>Whether a quantization stands in a name as a word of its own: <c>Q4_K</c> is not <c>Q4_K_M</c>, and <c>F16</c> is not <c>BF16</c>.</summary>
    private static bool HasQuantization(string path, string name) =>
        Regex.IsMatch(path, $@"(^|[-./]){Regex.Escape(name)}([-./]|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static string Names(IEnumerable<HubFile> files)
    {
        var all = files.ToList();
        return string.Join(", ", all.Take(20).Select(file => $"{FilePaths.Printable(file.Path)} ({Texts.Bytes(file.Size)})")) + (all.Count > 20 ? $" and {all.Count - 20} more" : "");
    }

    [GeneratedRegex(@"^(model|adapter_model)(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$")]
    private static partial Regex UsualWeights();

    [GeneratedRegex(@"^\d+_[A-Za-z]+/(config\.json|model\.safetensors)$")]
    private static partial Regex ModuleFile();

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.gguf$", RegexOptions.IgnoreCase)]
    private static partial Regex Shard();
}
