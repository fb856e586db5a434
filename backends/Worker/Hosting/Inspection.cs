using System.Text.Json;
using Gateway.Engine.Models;
using Gateway.Engine.Text;

namespace Gateway.Worker.Hosting;

/// <summary><c>inspect DIR…</c>: which folders can be served, and why others cannot. Reads headers; loads no weights and no Torch.</summary>
internal static class Inspection
{
    public static void Run(ReadOnlySpan<string> paths)
    {
        foreach (var path in paths) Console.WriteLine(Report(path));
    }

    private static string Report(string path)
    {
        try
        {
            using var folder = ModelFolder.Open(path);
            var spec = DecoderSpec.FromConfig(folder.Config, path);
            if (folder.ChatTemplateSource is { } source) ChatTemplate.Parse(source, path);
            return JsonSerializer.Serialize(new { path, ok = true, architecture = spec.Architecture, context = folder.ContextLength, has_template = folder.ChatTemplateSource is not null });
        }
        catch (ModelFolderException e)
        {
            return JsonSerializer.Serialize(new { path, ok = false, reason = e.Message });
        }
    }
}
