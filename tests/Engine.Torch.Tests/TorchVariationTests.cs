using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Every variation on TorchSharp.</summary>
public sealed class TorchVariationTests : VariationSuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Device = "cpu" });
}
