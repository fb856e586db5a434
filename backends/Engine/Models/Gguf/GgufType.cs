using Gateway.Engine.Models.Safetensors;

namespace Gateway.Engine.Models.Gguf;

/// <summary>A number type of GGUF.</summary>
/// <param name="Name">As llama.cpp calls it.</param>
/// <param name="BlockSize">Numbers in a block.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Dequantize">Whole blocks to float32, exactly as ggml computes them.</param>
internal sealed record GgufType(string Name, int BlockSize, int BlockBytes, Dequantize Dequantize);

internal delegate void Dequantize(ReadOnlySpan<byte> blocks, Span<float> destination);

/// <summary>The types by their number in the file.</summary>
internal static class GgufTypes
{
    private static readonly Dictionary<uint, GgufType> Known = new()
    {
        [0] = Plain("F32", 4),
        [1] = Plain("F16", 2),
        [2] = new("Q4_0", 32, 18, BlockQuants.Q4_0),
        [3] = new("Q4_1", 32, 20, BlockQuants.Q4_1),
        [6] = new("Q5_0", 32, 22, BlockQuants.Q5_0),
        [7] = new("Q5_1", 32, 24, BlockQuants.Q5_1),
        [8] = new("Q8_0", 32, 34, BlockQuants.Q8_0),
        [10] = new("Q2_K", 256, 84, SuperBlockQuants.Q2_K),
        [11] = new("Q3_K", 256, 110, SuperBlockQuants.Q3_K),
        [12] = new("Q4_K", 256, 144, SuperBlockQuants.Q4_K),
        [13] = new("Q5_K", 256, 176, SuperBlockQuants.Q5_K),
        [14] = new("Q6_K", 256, 210, SuperBlockQuants.Q6_K),
        [24] = Plain("I8", 1),
        [25] = Plain("I16", 2),
        [26] = Plain("I32", 4),
        [27] = Plain("I64", 8),
        [28] = Plain("F64", 8),
        [30] = Plain("BF16", 2),
    };

    private static readonly Dictionary<uint, string> OtherNames = new()
    {
        [9] = "Q8_1",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [29] = "IQ1_M",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
    };

    public static GgufType? Find(uint type) => Known.GetValueOrDefault(type);

    public static string NameOf(uint type) => Known.TryGetValue(type, out var known) ? known.Name : OtherNames.GetValueOrDefault(type, $"number {type}");

    private static GgufType Plain(string name, int bytes) => new(name, 1, bytes, (source, destination) => ElementTypes.ToSingle(name, source, destination));
}
