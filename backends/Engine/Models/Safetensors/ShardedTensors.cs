using System.Text.Json;

namespace Gateway.Engine.Models.Safetensors;

/// <summary>The tensors of several <c>.safetensors</c> files as one source.</summary>
internal sealed class ShardedTensors : TensorSource
{
    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, StoredTensor> tensors = [];

    private ShardedTensors()
    {
    }

    public override IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    /// <summary>
    /// Opens what <c>model.safetensors.index.json</c> names; without it <c>model.safetensors</c>, beside which other files (another layout's
    /// <c>consolidated.safetensors</c>, an adapter) are not the model's; without both every <c>.safetensors</c> of the folder.
    /// </summary>
    public static ShardedTensors Open(string folder)
    {
        var index = Path.Combine(folder, "model.safetensors.index.json");
        var weightMap = File.Exists(index) ? ReadIndex(index) : null;
        var names = weightMap is null
            ? Directory.EnumerateFiles(folder, File.Exists(Path.Combine(folder, "model.safetensors")) ? "model.safetensors" : "*.safetensors").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)
            : weightMap.Values.Distinct().Order(StringComparer.Ordinal);
        var sharded = new ShardedTensors();
        try
        {
            foreach (var name in names) sharded.Add(Path.Combine(folder, name), index, weightMap is not null);
            foreach (var (tensor, shard) in weightMap ?? [])
                if (!sharded.tensors.ContainsKey(tensor)) throw new ModelFolderException(index, $"tensor '{tensor}' is said to be in '{shard}' but is not there");
            return sharded;
        }
        catch
        {
            sharded.Dispose();
            throw;
        }
    }

    public override void Dispose() => files.ForEach(file => file.Dispose());

    private void Add(string path, string index, bool indexed)
    {
        if (indexed && !File.Exists(path)) throw new ModelFolderException(index, $"names the shard '{Path.GetFileName(path)}', which is not there");
        var file = new SafetensorsFile(path);
        files.Add(file);
        foreach (var (name, tensor) in file.Tensors)
            if (!tensors.TryAdd(name, tensor)) throw new ModelFolderException(path, $"tensor '{name}' is in another shard too");
    }

    private static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(ModelFiles.ReadSmall(index), new JsonDocumentOptions { MaxDepth = 8 });
            var map = document.RootElement.GetProperty("weight_map").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
            foreach (var shard in map.Values)
                if (shard.Length == 0 || Path.GetFileName(shard) != shard) throw new ModelFolderException(index, $"the shard name '{shard}' leaves the folder");
            return map;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new ModelFolderException(index, $"is not a valid index: {e.Message}", e);
        }
    }
}
