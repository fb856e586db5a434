using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>Results out of libtorch's memory.</summary>
internal static class Copying
{
    /// <summary>Copies float32 values from any device, row after row. As one block: TorchSharp's own accessor goes from element to element, 20 ms for 2 million.</summary>
    public static void CopyTo(this Tensor values, Span<float> into)
    {
        if (values.device_type != DeviceType.CPU) values = values.cpu();
        if (!values.is_contiguous()) values = values.contiguous();
        MemoryMarshal.Cast<byte, float>(values.bytes).CopyTo(into);
    }
}
