using Gateway.Engine.Models;
using Gateway.Engine.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>Opens somebody else's graph in ONNX Runtime on the device asked for.</summary>
internal static class ExportedSession
{
    /// <exception cref="ModelFolderException">ONNX Runtime refuses the graph, or the device is not there.</exception>
    public static InferenceSession Open(string path, OnnxOptions options)
    {
        using var settings = OnnxDevice.Of(options.Device, path).Options(options.Threads);
        // Exporters leave unused initializers and shapes that do not quite agree; what is fatal comes as an exception.
        settings.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        try
        {
            return new InferenceSession(path, settings);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ModelFolderException(path, $"ONNX Runtime refuses it: {refused.Message.ReplaceLineEndings(" ")}", refused);
        }
    }
}
