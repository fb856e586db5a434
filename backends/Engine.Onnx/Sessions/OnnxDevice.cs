using System.Globalization;
using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Sessions;

/// <summary>Where a session computes, by the setting <c>Device</c>.</summary>
internal sealed record OnnxDevice(int? Cuda)
{
    private const string CudaProvider = "CUDAExecutionProvider";

    /// <exception cref="ModelFolderException">The name is not known, or there is no such device.</exception>
    public static OnnxDevice Of(string name, string file)
    {
        var there = OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider);
        if (name == "cpu" || (name == "auto" && !there)) return new OnnxDevice((int?)null);
        if (name is not ("auto" or "cuda") && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out _)))
            throw new ModelFolderException(file, $"the device '{name}' is not known; use auto, cpu or cuda[:n]");
        if (!there) throw new ModelFolderException(file, $"the device '{name}' was asked for, but this machine or this build has no CUDA");
        return new OnnxDevice(name is "auto" or "cuda" ? 0 : int.Parse(name.AsSpan(5)));
    }

    /// <summary>Options of a session there; the caller disposes them.</summary>
    public SessionOptions Options(int? threads)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads ?? Environment.ProcessorCount,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableMemoryPattern = false, // shapes differ from run to run
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (Cuda is not { } number) return options;
        // The provider warns of every ScatterND, a line a layer, past the session's own level.
        OrtEnv.Instance().EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
        using var cuda = new OrtCUDAProviderOptions();
        // Products in TF32, the provider's default, have 10 bits of mantissa: not what float32 says.
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = number.ToString(CultureInfo.InvariantCulture), ["use_tf32"] = "0" });
        options.AppendExecutionProvider_CUDA(cuda);
        return options;
    }

    /// <summary>Memory there for a session's cache.</summary>
    public OrtMemoryInfo Memory() => Cuda is { } number
        ? new OrtMemoryInfo("Cuda", OrtAllocatorType.DeviceAllocator, number, OrtMemType.Default)
        : new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
}
