using Gateway.Engine.Models;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Which device a model is loaded on.</summary>
public class CudaDeviceTests
{
    [Fact]
    public void A_gpu_that_the_machine_has_not_is_refused_by_its_number()
    {
        Gpu.Require();
        using var model = ModelFolder.Open(Shared.Golden("models", "smollm"));
        var name = $"cuda:{cuda.device_count()}";

        Should.Throw<ModelFolderException>(() => TorchRunner.Load(model, new TorchOptions { Device = name })).Message.ShouldContain($"'{name}' was asked for, but this machine has");
    }

    [Fact]
    public void A_machine_without_a_gpu_says_so()
    {
        if (cuda.is_available()) Assert.Skip("this machine has a GPU");
        using var model = ModelFolder.Open(Shared.Golden("models", "smollm"));

        Should.Throw<ModelFolderException>(() => TorchRunner.Load(model, new TorchOptions { Device = "cuda" })).Message.ShouldContain("has no CUDA");
    }
}
