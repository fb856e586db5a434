using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Every family on a GPU, in float32, against the same numbers and within the same bounds as on a CPU.</summary>
public sealed class CudaFamilyTests : FamilySuite
{
    public CudaFamilyTests() => Gpu.Require();

    protected override IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe)
    {
        var runner = TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Device = "cuda" });
        if (observe is not null) runner.Observer = (name, rows) => observe(name, rows.contiguous().cpu().data<float>().ToArray());
        return runner;
    }
}
