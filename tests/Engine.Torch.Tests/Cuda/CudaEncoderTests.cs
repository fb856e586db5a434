using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Encoders;
using Gateway.TestKit.Encoders;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Embedding models and cross-encoders on a GPU.</summary>
public sealed class CudaEncoderTests : EncoderSuite
{
    public CudaEncoderTests() => Gpu.Require();

    [Fact]
    public Task A_decoder_s_last_token_gives_the_reference_s_vectors_for_every_prompt() => Ids_and_vectors_are_the_reference_s_for_every_prompt("qwen3-lasttoken");

    protected override IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder)
    {
        var options = new TorchOptions { Device = "cuda" };
        return EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, options) : TorchDecoderEncoder.Load(folder, options);
    }
}
