using System.IO.Compression;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

/// <summary>Tokenizers of the golden data.</summary>
internal static class Goldens
{
    public static Tokenizer Load(string folder) => Tokenizer.FromJson(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")), "tokenizer.json");

    /// <summary>The bytes of a whole tokenizer of the third-party data; skips the test where it is absent.</summary>
    public static byte[] Unzip(string name)
    {
        using var source = new GZipStream(File.OpenRead(Shared.Optional("golden", "tokenizers", "real", name + ".tokenizer.json.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        source.CopyTo(bytes);
        return bytes.ToArray();
    }

    public static int[] Ids(JsonNode? list) => [.. list!.AsArray().Select(id => (int)id!)];
}
