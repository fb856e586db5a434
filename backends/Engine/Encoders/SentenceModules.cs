using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;

namespace Gateway.Engine.Encoders;

/// <summary>
/// The pipeline of <c>modules.json</c>. A module is known by the last part of its type, because packages moved between versions of the library;
/// a folder need not exist for it (the hub keeps no empty ones, so <c>2_Normalize</c> never does).
/// </summary>
/// <param name="Readout">Pooling and what follows.</param>
/// <param name="PoolsPrompt"><c>include_prompt</c> of the pooling.</param>
internal sealed record SentenceModules(Readout Readout, bool PoolsPrompt)
{
    private static readonly (string Name, PoolingMode Mode)[] Poolings =
    [
        ("cls_token", PoolingMode.Cls), ("max_tokens", PoolingMode.Max), ("mean_tokens", PoolingMode.Mean), ("mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength),
        ("weightedmean_tokens", PoolingMode.WeightedMean), ("lasttoken", PoolingMode.LastToken),
    ];

    /// <summary>A folder without the file is read as the library does: the mean of all tokens.</summary>
    public static SentenceModules Read(string folder, int hidden)
    {
        var file = Path.Combine(folder, "modules.json");
        if (!File.Exists(file)) return new SentenceModules(new Readout(hidden, [PoolingMode.Mean], []), true);
        ImmutableArray<PoolingMode> pooling = [];
        var poolsPrompt = true;
        var steps = new List<ReadoutStep>();
        var width = hidden;
        foreach (var (type, path) in Modules(file))
        {
            var place = Path.Combine(folder, path);
            switch (type)
            {
                case "Transformer" when path.Length == 0:
                case "Dropout":
                    break;
                case "Transformer":
                    throw new ModelFolderException(file, $"the transformer lies in '{path}', which is not supported: serve a folder that holds config.json and the weights itself");
                case "Pooling" when pooling.IsEmpty && steps.Count == 0:
                    (pooling, poolsPrompt) = Pooling(place, hidden);
                    width *= pooling.Length;
                    break;
                case "Dense" when !pooling.IsEmpty:
                    steps.Add(Dense(place, ref width));
                    break;
                case "LayerNorm" when !pooling.IsEmpty:
                    steps.Add(WithTensors(place, read => new LayerNormStep(read("norm.weight", [width])!, read("norm.bias", [width]), 1e-5)));
                    break;
                case "Normalize" when !pooling.IsEmpty:
                    steps.Add(new NormalizeStep());
                    break;
                default:
                    throw new ModelFolderException(file, $"the module '{type}' is not supported at its place; known are Transformer, Pooling, Dense, LayerNorm, Normalize and Dropout, pooling first");
            }
        }

        if (pooling.IsEmpty) throw new ModelFolderException(file, "has no pooling");
        return new SentenceModules(new Readout(hidden, pooling, [.. steps]), poolsPrompt);
    }

    private static List<(string Type, string Path)> Modules(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(ModelFiles.ReadSmall(file), new JsonDocumentOptions { MaxDepth = 8 });
            var modules = document.RootElement.EnumerateArray()
                .OrderBy(module => module.GetProperty("idx").GetInt32())
                .Select(module => (module.GetProperty("type").GetString()!.Split('.')[^1], module.GetProperty("path").GetString() ?? "")).ToList();
            foreach (var (_, path) in modules)
                if (path.Length > 0 && Path.GetFileName(path) != path) throw new ModelFolderException(file, $"the path '{path}' leaves the folder");
            return modules;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or NullReferenceException or FormatException)
        {
            throw new ModelFolderException(file, $"is not a list of modules: {e.Message}", e);
        }
    }

    /// <summary>A flag for each mode, or since version 6 one name (several joined by <c>+</c>); several stand side by side in the library's order.</summary>
    private static (ImmutableArray<PoolingMode> Modes, bool PoolsPrompt) Pooling(string place, int hidden)
    {
        var read = Config(place);
        if (read.OptionalSize("word_embedding_dimension", "embedding_dimension") is { } width && width != hidden)
            throw read.Bad($"pools vectors of {width}, but the network's are {hidden} wide");
        var named = read.Text("pooling_mode")?.Split('+') ?? [];
        var modes = Poolings.Where(pooling => read.Flag("pooling_mode_" + pooling.Name, false) || named.Any(name => Same(name, pooling.Name))).Select(pooling => pooling.Mode).ToImmutableArray();
        if (modes.IsEmpty || named.Any(name => !Poolings.Any(pooling => Same(name, pooling.Name)))) throw read.Bad("names no pooling that is known");
        return (modes, read.Flag("include_prompt", true));

        static bool Same(string name, string mode) => name == mode || mode == name + "_token" || mode == name + "_tokens";
    }

    private static DenseStep Dense(string place, ref int width)
    {
        var read = Config(place);
        var (into, outOf) = (read.Size("in_features"), read.Size("out_features"));
        if (into != width) throw read.Bad($"takes vectors of {into}, but gets {width}");
        width = outOf;
        var activation = (read.Text("activation_function") ?? "torch.nn.modules.activation.Tanh").Split('.')[^1] switch
        {
            "Tanh" => DenseActivation.Tanh,
            "Identity" => DenseActivation.Identity,
            "ReLU" => DenseActivation.Relu,
            "GELU" => DenseActivation.Gelu,
            "SiLU" => DenseActivation.Silu,
            "Sigmoid" => DenseActivation.Sigmoid,
            var other => throw read.Bad($"the activation '{other}' is not supported"),
        };
        var biased = read.Flag("bias", true);
        return WithTensors(place, tensor => new DenseStep(tensor("linear.weight", [outOf, into])!, biased ? tensor("linear.bias", [outOf]) : null, outOf, activation));
    }

    private static ConfigReader Config(string place)
    {
        var file = Path.Combine(place, "config.json");
        return new ConfigReader(ModelFiles.ReadObjectIfThere(file) ?? throw new ModelFolderException(file, "is missing"), file);
    }

    private static T WithTensors<T>(string place, Func<Func<string, long[], float[]?>, T> make)
    {
        var file = Path.Combine(place, "model.safetensors");
        if (!File.Exists(file)) throw new ModelFolderException(file, "is missing (pickled weights, pytorch_model.bin, are not read)");
        using var source = new SafetensorsFile(file);
        return make((name, shape) => source.Find(name, file, shape));
    }
}
