using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Graph;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx;

/// <summary>Keys and values of all sequences: for each layer two tensors [kvHeads, slots, headDim], a block's slots one after the other, on the device.</summary>
internal sealed class KvTensors : IDisposable
{
    private readonly List<OrtValue> tensors = [];

    /// <summary>Allocates, and binds each tensor as what comes in and what goes out.</summary>
    public KvTensors(DecoderSpec spec, long slots, OrtAllocator allocator, OrtIoBinding binding)
    {
        for (var n = 0; n < spec.Layers; n++)
        {
            foreach (var (past, present) in (ReadOnlySpan<(string, string)>)[(RunInputs.PastKeys(n), RunInputs.Keys(n)), (RunInputs.PastValues(n), RunInputs.Values(n))])
            {
                var tensor = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, [spec.KvHeads, slots, spec.HeadDim]);
                tensors.Add(tensor);
                binding.BindInput(past, tensor);
                binding.BindOutput(present, tensor);
            }
        }
    }

    public void Dispose()
    {
        foreach (var tensor in tensors) tensor.Dispose();
    }
}
