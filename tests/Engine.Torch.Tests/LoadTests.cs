using TorchSharp;

namespace Gateway.Engine.Torch.Tests;

public class LoadTests
{
    [Fact]
    public void The_native_library_loads_on_this_host()
    {
        using var ones = torch.ones(2, 3);

        ones.sum().item<float>().ShouldBe(6);
    }
}
