using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>The weights of a checkpoint by the names of an encoder's description: prefixes tried, shapes checked, and in the end nothing left over.</summary>
public sealed class EncoderTensors(EncoderSpec spec, TensorSource source, string file)
{
    private readonly HashSet<string> used = [];

    /// <summary>A weight of exactly this shape.</summary>
    /// <exception cref="ModelFolderException">It is missing or has another shape.</exception>
    public StoredTensor Need(string name, params ReadOnlySpan<long> shape) => Find(name, shape) ?? throw new ModelFolderException(file, $"the weight '{name}' is missing");

    /// <summary>A weight of exactly this shape, or null where there is none of this name.</summary>
    public StoredTensor? Find(string name, params ReadOnlySpan<long> shape)
    {
        foreach (var prefix in spec.Names.Prefixes)
        {
            if (!source.Tensors.TryGetValue(prefix + name, out var stored)) continue;
            used.Add(prefix + name);
            return stored.Shape.AsSpan().SequenceEqual(shape) ? stored
                : throw new ModelFolderException(file, $"the weight '{stored.Name}' has the shape [{string.Join(", ", stored.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        }

        return null;
    }

    /// <summary>A norm's weight and bias; checkpoints from before PyTorch call them gamma and beta.</summary>
    public (StoredTensor Weight, StoredTensor? Bias) Norm(string name) =>
        (Find(name + ".weight", spec.Hidden) ?? Find(name + ".gamma", spec.Hidden) ?? Need(name + ".weight", spec.Hidden), Find(name + ".bias", spec.Hidden) ?? Find(name + ".beta", spec.Hidden));

    /// <summary>Weights that nothing asked for mean that the model is not what its configuration says: its numbers would be wrong in silence.</summary>
    /// <exception cref="ModelFolderException">There are some.</exception>
    public void RefuseLeftovers()
    {
        var left = source.Tensors.Keys.Where(name => !used.Contains(name) && !Besides(name)).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw new ModelFolderException(file, $"{left.Count} weight(s) have no place in the encoder '{spec.Architecture}' as config.json describes it, the first is '{left[0]}'");
    }

    private bool Besides(string name) =>
        spec.Names.Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal) && spec.Names.Besides.Any(start => name.AsSpan(prefix.Length).StartsWith(start)));
}
