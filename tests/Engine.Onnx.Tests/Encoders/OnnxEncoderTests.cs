using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Encoders;
using Gateway.TestKit.Encoders;

namespace Gateway.Engine.Onnx.Tests.Encoders;

/// <summary>Graphs written here from the same weights.</summary>
public class OnnxEncoderTests : EncoderSuite
{
    protected override IEncoderRunner Load(ModelFolder folder, EncoderFolder encoder) =>
        OnnxEncoderRunner.Load(folder, EncoderSpec.FromConfig(folder.Config, folder.Path), encoder, new OnnxOptions { Device = "cpu" });
}
