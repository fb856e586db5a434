using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Encoders;
using Gateway.TestKit.Encoders;

namespace Gateway.Engine.Torch.Tests.Encoders;

public class TorchEncoderTests : EncoderSuite
{
    [Fact]
    public Task A_decoder_s_last_token_gives_the_reference_s_vectors_for_every_prompt() => Ids_and_vectors_are_the_reference_s_for_every_prompt("qwen3-lasttoken");

    [Fact]
    public Task A_decoder_s_text_among_others_has_the_vector_that_it_has_alone() => A_text_among_others_has_the_vector_that_it_has_alone("qwen3-lasttoken");

    protected override IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder)
    {
        var options = new TorchOptions { Device = "cpu" };
        return EncoderFolder.HasEncoder(folder) ? TorchEncoderRunner.Load(folder, options) : TorchDecoderEncoder.Load(folder, options);
    }
}
