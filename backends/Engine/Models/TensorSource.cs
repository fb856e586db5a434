using System.Collections.Immutable;

namespace Gateway.Engine.Models;

/// <summary>
/// The tensors of a model folder under their Hugging Face names and in Hugging Face layout, whatever the files are. Memory-mapped: nothing
/// is read before it is asked for.
/// </summary>
public abstract class TensorSource : IDisposable
{
    /// <summary>All tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>One stored tensor; row major, shape slowest first.</summary>
public abstract class StoredTensor(string name, string type, ImmutableArray<long> shape)
{
    /// <summary>Its Hugging Face name.</summary>
    public string Name { get; } = name;

    /// <summary>Storage type as the file calls it: F32, F16, BF16, I64, Q4_0, Q6_K …</summary>
    public string Type { get; } = type;

    /// <summary>Dimensions, slowest first.</summary>
    public ImmutableArray<long> Shape { get; } = shape;

    /// <summary>Product of the dimensions.</summary>
    public long Count { get; } = shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Converts elements <paramref name="start"/> … to float32, exactly as the format defines them.</summary>
    public abstract void Read(long start, Span<float> destination);
}
