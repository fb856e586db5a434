using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Onnx.Tests;

/// <summary>Every variation on ONNX Runtime.</summary>
public sealed class OnnxVariationTests : VariationSuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        OnnxRunner.Load(folder, new OnnxOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount });
}
