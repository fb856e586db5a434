using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Gateway.Engine.Models;

/// <summary>Reading the small files of a model folder, within bounds and with errors that name the file.</summary>
internal static class ModelFiles
{
    /// <summary>Larger than any tokenizer or configuration known; a file past it is refused unread.</summary>
    public const long MaxSmallBytes = 256L << 20;

    public static byte[] ReadSmall(string path)
    {
        var length = new FileInfo(path).Length;
        if (length > MaxSmallBytes) throw new ModelFolderException(path, $"is {length} bytes, more than the {MaxSmallBytes} allowed");
        return File.ReadAllBytes(path);
    }

    public static JsonObject ReadObject(string path)
    {
        try
        {
            var text = ReadSmall(path);
            // Checked here because texts of a node are decoded, and names compared, only when first asked for.
            if (!Utf8.IsValid(text)) throw new ModelFolderException(path, "is not valid UTF-8");
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false }) as JsonObject
                ?? throw new ModelFolderException(path, "is not a JSON object");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ModelFolderException(path, $"is not valid JSON: {e.Message}", e);
        }
    }

    public static JsonObject? ReadObjectIfThere(string path) => File.Exists(path) ? ReadObject(path) : null;
}
