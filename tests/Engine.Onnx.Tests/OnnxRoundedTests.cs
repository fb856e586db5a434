using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Onnx.Tests;

/// <summary>Weights in 8 bits: other numbers than the reference's, but the same for a request whoever else is served.</summary>
public sealed class OnnxEightBitTests : CompanionSuite
{
    protected override double Ambiguous => 0.1;

    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        OnnxRunner.Load(folder, new OnnxOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = "q8" });
}

/// <summary>Weights in 4 bits.</summary>
public sealed class OnnxFourBitTests : CompanionSuite
{
    protected override double Ambiguous => 0.1;

    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        OnnxRunner.Load(folder, new OnnxOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = "q4" });
}
