using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Gateway.Engine.Models.Safetensors;

/// <summary>The plain number types of weight files and their exact conversion to float32.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element, or null for a type that is not known.</summary>
    public static int? SizeOf(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => null,
    };

    public static void ToSingle(string type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case "F32": MemoryMarshal.Cast<byte, float>(source).CopyTo(destination); break;
            case "F16": TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination); break;
            case "BF16": Widen(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            case "F64": TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(source), destination); break;
            case "I64": TensorPrimitives.ConvertTruncating<long, float>(MemoryMarshal.Cast<byte, long>(source), destination); break;
            case "U64": TensorPrimitives.ConvertTruncating<ulong, float>(MemoryMarshal.Cast<byte, ulong>(source), destination); break;
            case "I32": TensorPrimitives.ConvertTruncating<int, float>(MemoryMarshal.Cast<byte, int>(source), destination); break;
            case "U32": TensorPrimitives.ConvertTruncating<uint, float>(MemoryMarshal.Cast<byte, uint>(source), destination); break;
            case "I16": TensorPrimitives.ConvertTruncating<short, float>(MemoryMarshal.Cast<byte, short>(source), destination); break;
            case "U16": TensorPrimitives.ConvertTruncating<ushort, float>(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            case "I8": TensorPrimitives.ConvertTruncating<sbyte, float>(MemoryMarshal.Cast<byte, sbyte>(source), destination); break;
            case "U8" or "BOOL": TensorPrimitives.ConvertTruncating<byte, float>(source, destination); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not a plain number type");
        }
    }

    /// <summary>bfloat16 is the upper half of a float32.</summary>
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        TensorPrimitives.ConvertTruncating(source, bits);
        TensorPrimitives.ShiftLeft(bits, 16, bits);
    }
}
