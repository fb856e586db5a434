using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Tests;

public class RuntimeTests
{
    [Fact]
    public void The_native_library_loads_and_has_a_cpu() => OrtEnv.Instance().GetAvailableProviders().ShouldContain("CPUExecutionProvider");
}
