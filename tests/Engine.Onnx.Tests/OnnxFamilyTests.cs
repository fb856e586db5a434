using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Onnx.Tests;

/// <summary>Every family on ONNX Runtime.</summary>
public sealed class OnnxFamilyTests : FamilySuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe) =>
        OnnxRunner.Load(folder, new OnnxOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount }, observe);
}
