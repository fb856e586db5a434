using System.Text.Json;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Hosting;

/// <summary><c>inspect</c>: says of each folder whether it can be served, without Torch and without reading weights. One JSON line each.</summary>
internal static class InspectCommand
{
    public static int Run(ReadOnlySpan<string> paths)
    {
        using var output = Console.OpenStandardOutput();
        foreach (var path in paths)
        {
            using (var json = new Utf8JsonWriter(output, WireJson.Writing)) Write(json, path);
            output.Write("\n"u8);
        }

        return 0;
    }

    internal static void Write(Utf8JsonWriter json, string path)
    {
        json.WriteStartObject();
        json.WriteString("path"u8, path);
        try
        {
            using var folder = ModelFolder.Open(path);
            if (EncoderFolder.Is(folder))
            {
                WriteEncoder(json, folder);
                return;
            }

            ModelLoader.RequireWeights(folder);
            var spec = DecoderSpec.FromConfig(folder.Config, path);
            var template = ModelLoader.TemplateOf(folder);
            json.WriteBoolean("ok"u8, true);
            json.WriteString("architecture"u8, spec.Architecture);
            json.WriteNumber("context"u8, folder.ContextLength);
            json.WriteBoolean("has_template"u8, template is not null);
        }
        catch (Exception refused) when (refused is ModelFolderException or IOException or UnauthorizedAccessException)
        {
            json.WriteBoolean("ok"u8, false);
            json.WriteString("reason"u8, refused.Message);
        }
        finally
        {
            json.WriteEndObject();
        }
    }

    private static void WriteEncoder(Utf8JsonWriter json, ModelFolder folder)
    {
        var encoder = EncoderFolder.Read(folder);
        json.WriteBoolean("ok"u8, true);
        json.WriteString("task"u8, encoder.Task == EncoderTask.Embedding ? "embedding"u8 : "rerank"u8);
        json.WriteString("architecture"u8, folder.Config["model_type"]!.ToString());
        json.WriteNumber("context"u8, encoder.MaxTokens);
        json.WriteNumber("dimensions"u8, encoder.Readout.Width);
        json.WriteBoolean("has_template"u8, false);
    }
}
