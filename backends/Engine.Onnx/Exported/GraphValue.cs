using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Dimensions">Sizes; −1 where the graph leaves it open.</param>
internal sealed record GraphValue(string Name, TensorElementType Type, ImmutableArray<long> Dimensions)
{
    public override string ToString() => $"{Name}: {Type} [{string.Join(", ", Dimensions.Select(size => size < 0 ? "?" : size.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
}
