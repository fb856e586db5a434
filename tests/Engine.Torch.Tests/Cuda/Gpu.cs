using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>The GPU of this machine, if libtorch sees one.</summary>
internal static class Gpu
{
    /// <summary>Skips the running test, counted as skipped, where there is none.</summary>
    public static void Require()
    {
        if (!cuda.is_available()) Assert.Skip("needs a GPU and a libtorch built for CUDA (-p:Accelerator=cuda)");
    }
}
