using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.TestKit;

/// <summary>Writes small <c>.safetensors</c> files, right ones and wrong ones.</summary>
public sealed class SafetensorsWriter
{
    private readonly JsonObject header = [];
    private readonly List<byte> data = [];

    /// <summary>Appends a tensor of float32 numbers.</summary>
    public SafetensorsWriter Add(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Add(name, "F32", System.Runtime.InteropServices.MemoryMarshal.AsBytes(values), shape);

    /// <summary>Appends a tensor of any type from its bytes.</summary>
    public SafetensorsWriter Add(string name, string type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        header[name] = new JsonObject
        {
            ["dtype"] = type,
            ["shape"] = new JsonArray([.. shape.ToArray().Select(size => JsonValue.Create(size))]),
            ["data_offsets"] = new JsonArray(data.Count, data.Count + bytes.Length),
        };
        data.AddRange(bytes);
        return this;
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path) => File.WriteAllBytes(path, Raw(header.ToJsonString(), [.. data]));

    /// <summary>A file with this text for its header, valid or not.</summary>
    public static byte[] Raw(string header, ReadOnlySpan<byte> data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data];
    }
}
