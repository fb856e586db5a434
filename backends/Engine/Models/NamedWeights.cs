using System.Collections.Concurrent;

namespace Gateway.Engine.Models;

/// <summary>The weights of a checkpoint by the names of a description: prefixes tried, shapes checked, and in the end nothing left over. Any thread.</summary>
public sealed class NamedWeights(DecoderSpec spec, TensorSource source, string file)
{
    // Buffers that old checkpoints carry along and that follow from the configuration.
    private static readonly string[] Ignored = [".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"];
    private readonly ConcurrentDictionary<string, bool> used = [];

    /// <summary>A weight of exactly this shape.</summary>
    /// <exception cref="ModelFolderException">It is missing or has another shape.</exception>
    public StoredTensor Need(string name, params ReadOnlySpan<long> shape) =>
        Find(name, shape) ?? throw new ModelFolderException(file, $"the weight '{name}' is missing");

    /// <summary>A weight of exactly this shape, or null where there is none of this name.</summary>
    public StoredTensor? Find(string name, params ReadOnlySpan<long> shape)
    {
        foreach (var candidate in spec.Names.Prefixes.Select(prefix => prefix + name).Append(name))
        {
            if (!source.Tensors.TryGetValue(candidate, out var tensor)) continue;
            used[candidate] = true;
            return tensor.Shape.AsSpan().SequenceEqual(shape) ? tensor
                : throw new ModelFolderException(file, $"the weight '{tensor.Name}' has the shape [{string.Join(", ", tensor.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        }

        return null;
    }

    /// <summary>Weights that nothing asked for mean that the model is not what its configuration says: its numbers would be wrong in silence.</summary>
    /// <param name="head">Whether a head was wanted; an unwanted one is left where it is.</param>
    public void RefuseLeftovers(bool head = true)
    {
        var left = source.Tensors.Keys.Where(name => !used.ContainsKey(name) && !Ignored.Any(end => name.EndsWith(end, StringComparison.Ordinal))
            && !((spec.TiedHead || !head) && name == spec.Names.Head + ".weight")).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw new ModelFolderException(file, $"{left.Count} weight(s) have no place in the architecture '{spec.Architecture}' as config.json describes it, the first is '{left[0]}'");
    }
}
