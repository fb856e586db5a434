using Gateway.Engine.Models;

namespace Gateway.Engine.Encoders;

/// <summary>Whole tensors of heads and dense layers as arrays, their shapes checked.</summary>
internal static class SmallTensors
{
    public static float[] Need(this TensorSource source, string name, string file, params ReadOnlySpan<long> shape) =>
        source.Find(name, file, shape) ?? throw new ModelFolderException(file, $"the weight '{name}' is missing");

    public static float[]? Find(this TensorSource source, string name, string file, params ReadOnlySpan<long> shape)
    {
        if (!source.Tensors.TryGetValue(name, out var stored)) return null;
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFolderException(file, $"the weight '{name}' has the shape [{string.Join(", ", stored.Shape)}], expected was [{string.Join(", ", shape.ToArray())}]");
        var values = new float[checked((int)stored.Count)];
        stored.Read(0, values);
        return values;
    }
}
