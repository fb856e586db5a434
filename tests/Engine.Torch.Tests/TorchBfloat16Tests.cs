using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Weights in bfloat16: other numbers than the reference's, but the same for a request whoever else is served.</summary>
public sealed class TorchBfloat16Tests : CompanionSuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = "bf16", Device = "cpu" });
}
