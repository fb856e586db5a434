using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Every family on TorchSharp.</summary>
public sealed class TorchFamilyTests : FamilySuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe)
    {
        var runner = TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Device = "cpu" });
        if (observe is not null) runner.Observer = (name, rows) => observe(name, rows.contiguous().data<float>().ToArray());
        return runner;
    }
}
