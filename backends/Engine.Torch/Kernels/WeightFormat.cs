namespace Gateway.Engine.Torch.Kernels;

/// <summary>Numbers that matrices are kept in; norms, biases of norms, and everything computed between them stay float32.</summary>
internal enum WeightFormat
{
    /// <summary>float32: the reference's numbers.</summary>
    F32,

    /// <summary>bfloat16: half the memory, products of numbers with 8 bits of mantissa summed in float32.</summary>
    Bf16,
}
