using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Every variation on a GPU, checkpoints stored in 16 bits among them.</summary>
public sealed class CudaVariationTests : VariationSuite
{
    public CudaVariationTests() => Gpu.Require();

    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Device = "cuda" });
}
