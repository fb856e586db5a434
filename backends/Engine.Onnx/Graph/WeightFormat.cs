using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>Numbers that matrices are kept in; norms, routers, biases, keys and values stay float32.</summary>
internal enum WeightFormat
{
    /// <summary>float32: the reference's numbers.</summary>
    F32,

    /// <summary>8 bits with a scale for every 32: activations are rounded to 8 bits in the same blocks, row by row.</summary>
    Q8,

    /// <summary>4 bits with a scale for every 32, the head in 8 bits.</summary>
    Q4,
}

/// <summary>Names of formats in settings.</summary>
internal static class WeightFormats
{
    /// <exception cref="ModelFolderException">There is no such format.</exception>
    public static WeightFormat Of(string name, string file) => name switch
    {
        "auto" or "f32" => WeightFormat.F32,
        "q8" => WeightFormat.Q8,
        "q4" => WeightFormat.Q4,
        _ => throw new ModelFolderException(file, $"weights in '{name}' are not supported by the onnx backend; use auto, f32, q8 or q4"),
    };
}
