using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;

namespace Gateway.TestKit.Families;

/// <summary>A model folder with random weights for any configuration: every tensor that its description asks for, in any storage type, in one file or shards.</summary>
public static class RandomFolder
{
    /// <param name="folder">Where to write.</param>
    /// <param name="config">A <c>config.json</c>.</param>
    /// <param name="storage">F32, F16 or BF16.</param>
    /// <param name="shards">Files.</param>
    /// <param name="prefix">Which of the family's prefixes the names have.</param>
    /// <param name="biases">Whether linears have biases.</param>
    public static void Write(string folder, JsonObject config, string storage = "F32", int shards = 1, int prefix = 0, bool biases = false)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        var spec = DecoderSpec.FromConfig(config, folder);
        var chance = new Random(23);
        var tensors = Tensors(spec, biases).Select(tensor => (Name: tensor.Head ? tensor.Name : spec.Names.Prefixes[prefix] + tensor.Name, tensor.Shape, tensor.Norm)).ToList();
        var writers = Enumerable.Range(0, shards).Select(_ => new SafetensorsWriter()).ToArray();
        var map = new JsonObject();
        for (var i = 0; i < tensors.Count; i++)
        {
            var (name, shape, norm) = tensors[i];
            // Norms near 1, the rest small enough that the layers neither die nor explode.
            var values = Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (norm ? 1 : 0) + ((chance.NextSingle() - 0.5f) * 0.5f)).ToArray();
            writers[i % shards].Add(name, storage, Bytes(values, storage), shape);
            map[name] = File_(i % shards, shards);
        }

        for (var i = 0; i < shards; i++) writers[i].Save(Path.Combine(folder, File_(i, shards)));
        if (shards > 1) File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"]) File.Copy(Shared.Golden("models", "llama3", file), Path.Combine(folder, file));
    }

    private static string File_(int shard, int shards) => shards == 1 ? "model.safetensors" : $"model-{shard + 1:D5}-of-{shards:D5}.safetensors";

    private static byte[] Bytes(float[] values, string storage) => storage switch
    {
        "F16" => MemoryMarshal.AsBytes<Half>(values.Select(value => (Half)value).ToArray()).ToArray(),
        "BF16" => MemoryMarshal.AsBytes<ushort>(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray()).ToArray(),
        _ => MemoryMarshal.AsBytes<float>(values).ToArray(),
    };

    private static IEnumerable<(string Name, long[] Shape, bool Norm, bool Head)> Tensors(DecoderSpec spec, bool biases)
    {
        var names = spec.Names;
        var (width, q, kv) = (spec.EmbeddingWidth ?? spec.Hidden, spec.Heads * spec.HeadDim, spec.KvHeads * spec.HeadDim);
        var layerNorm = spec.Norm == NormKind.LayerNorm;
        IEnumerable<(string, long[], bool, bool)> Linear(string? name, long @out, long @in, bool bias)
        {
            if (name is null) yield break;
            yield return (name + ".weight", names.Transposed ? [@in, @out] : [@out, @in], false, false);
            if (bias) yield return (name + ".bias", [@out], false, false);
        }

        IEnumerable<(string, long[], bool, bool)> Norm(string? name, long size, bool bias)
        {
            if (name is null) yield break;
            yield return (name + ".weight", [size], true, false);
            if (bias) yield return (name + ".bias", [size], false, false);
        }

        yield return (names.Embedding + ".weight", [spec.Vocabulary, width], false, false);
        if (names.Positions is not null) yield return (names.Positions + ".weight", [spec.ContextLength + spec.PositionOffset, spec.Hidden], false, false);
        var outer = Norm(names.EmbeddingNorm, spec.Hidden, layerNorm).Concat(Linear(names.ProjectIn, spec.Hidden, width, false)).Concat(Linear(names.ProjectOut, width, spec.Hidden, false))
            .Concat(Norm(names.FinalNorm, spec.Hidden, layerNorm));
        foreach (var tensor in outer) yield return tensor;
        if (!spec.TiedHead) yield return (names.Head + ".weight", [spec.Vocabulary, width], false, true);
        for (var n = 0; n < spec.Layers; n++)
        {
            string? Name(string? name) => name?.Replace("{N}", n.ToString(), StringComparison.Ordinal);
            var parts = Norm(Name(names.AttentionNorm), spec.Hidden, layerNorm)
                .Concat(names.Qkv.Count == 1 ? Linear(Name(names.Qkv[0]), q + (2 * kv), spec.Hidden, biases || layerNorm) : names.Qkv.Zip((long[])[q, kv, kv]).SelectMany(pair => Linear(Name(pair.First), pair.Second, spec.Hidden, biases || layerNorm)))
                .Concat(Norm(Name(names.QueryNorm), spec.HeadDim, false)).Concat(Norm(Name(names.KeyNorm), spec.HeadDim, false))
                .Concat(Linear(Name(names.Output), spec.Hidden, q, biases || layerNorm))
                .Concat(Norm(Name(names.AttentionOutputNorm), spec.Hidden, false)).Concat(Norm(Name(names.MlpNorm), spec.Hidden, layerNorm)).Concat(Norm(Name(names.MlpOutputNorm), spec.Hidden, false));
            if (!spec.LayerSpecs[n].Experts)
            {
                var up = spec.Gated && names.Gate is null ? 2 * spec.Intermediate : spec.Intermediate;
                parts = parts.Concat(Linear(Name(names.Gate), spec.Intermediate, spec.Hidden, biases)).Concat(Linear(Name(names.Up), up, spec.Hidden, biases || layerNorm)).Concat(Linear(Name(names.Down), spec.Hidden, spec.Intermediate, biases || layerNorm));
            }
            else
            {
                var experts = spec.Experts!;
                parts = parts.Concat(Linear(Name(names.Router), experts.Count, spec.Hidden, false)).Concat(Enumerable.Range(0, experts.Count).SelectMany(e =>
                {
                    string Own(string? name) => Name(name)!.Replace("{E}", e.ToString(), StringComparison.Ordinal);
                    return Linear(Own(names.ExpertGate), experts.Intermediate, spec.Hidden, false).Concat(Linear(Own(names.ExpertUp), experts.Intermediate, spec.Hidden, false)).Concat(Linear(Own(names.ExpertDown), spec.Hidden, experts.Intermediate, false));
                }));
            }

            foreach (var tensor in parts) yield return tensor;
        }
    }
}
