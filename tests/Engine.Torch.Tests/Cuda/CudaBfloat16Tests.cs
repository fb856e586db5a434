using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Weights in bfloat16 on a GPU. Its library chooses another kernel for another number of rows, so the last bit of a product may differ between a request alone and among others.</summary>
public sealed class CudaBfloat16Tests : CompanionSuite
{
    public CudaBfloat16Tests() => Gpu.Require();

    protected override double Ambiguous => 0.05;

    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = "bf16", Device = "cuda" });
}
