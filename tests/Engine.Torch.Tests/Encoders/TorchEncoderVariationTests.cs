using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Torch.Encoders;
using Gateway.TestKit.Encoders;

namespace Gateway.Engine.Torch.Tests.Encoders;

public sealed class TorchEncoderVariationTests : EncoderVariationSuite
{
    protected override IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder) => TorchEncoderRunner.Load(folder, new TorchOptions { Device = "cpu" });
}
