using System.Security.Cryptography;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Gguf;
using Gateway.Engine.Models.Safetensors;

namespace Gateway.Engine.Tests.Models;

/// <summary>GGUF's number types against ggml's own values, bit for bit.</summary>
public class GgufGoldenTests
{
    [Theory]
    [InlineData("Q4_0", 2u)]
    [InlineData("Q4_1", 3u)]
    [InlineData("Q5_0", 6u)]
    [InlineData("Q5_1", 7u)]
    [InlineData("Q8_0", 8u)]
    [InlineData("Q2_K", 10u)]
    [InlineData("Q3_K", 11u)]
    [InlineData("Q4_K", 12u)]
    [InlineData("Q5_K", 13u)]
    [InlineData("Q6_K", 14u)]
    public void A_number_type_is_ggml_s_to_the_last_bit(string type, uint number)
    {
        using var golden = new SafetensorsFile(Shared.Optional("golden", "smollm2", "quants.safetensors"));
        var bytes = File.ReadAllBytes(Shared.Optional("golden", "smollm2", "quants.gguf"));
        foreach (var kind in (string[])["data", "bits"])
        {
            var expected = golden.Tensors[$"{type}.{kind}"];
            var values = new float[expected.Count];
            expected.Read(0, values);
            var actual = new float[values.Length];
            var format = GgufTypes.Find(number)!;
            var at = Find(bytes, $"{type}.{kind}", golden.Tensors.Keys.Where(name => name.EndsWith(".data", StringComparison.Ordinal) || name.EndsWith(".bits", StringComparison.Ordinal)));

            format.Dequantize(bytes.AsSpan(at, values.Length / format.BlockSize * format.BlockBytes), actual);

            MemoryMarshal.AsBytes<float>(actual).SequenceEqual(MemoryMarshal.AsBytes<float>(values)).ShouldBeTrue($"{type}.{kind}");
        }
    }

    [Fact]
    public void Smollm2_s_weights_are_the_reference_s_in_names_rows_and_values()
    {
        using var folder = ModelFolder.Open(Shared.Optional("models", "smollm2-135m-instruct-gguf"));
        var mapping = JsonNode.Parse(File.ReadAllText(Shared.Optional("golden", "smollm2", "gguf-mapping.json")))!;
        var compared = 0;
        foreach (var entry in mapping["tensors"]!.AsArray())
        {
            var tensor = folder.Tensors.Tensors[(string)entry!["hf"]!];
            if (++compared % 20 != 1) continue; // a sample: all of them take seconds
            var values = new float[tensor.Count];
            tensor.Read(0, values);
            Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(values))).ShouldBe((string?)entry["sha256_float32_hf_order"], tensor.Name);
        }

        compared.ShouldBe(272);
    }

    /// <summary>Where a tensor's data begin; this file holds types that the server refuses, so it cannot be opened whole.</summary>
    private static int Find(byte[] file, string name, IEnumerable<string> all)
    {
        var header = all.Max(other => Description(file, other) + 12);
        return (int)(((header + 31) / 32 * 32) + BitConverter.ToInt64(file, Description(file, name) + 4));
    }

    /// <summary>Where a tensor's type stands; its offset follows.</summary>
    private static int Description(byte[] file, string name)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(name);
        var entry = file.AsSpan().IndexOf([.. BitConverter.GetBytes((long)text.Length), .. text]);
        entry.ShouldBeGreaterThan(0, name);
        var dimensions = entry + 8 + text.Length;
        return dimensions + 4 + (8 * BitConverter.ToInt32(file, dimensions));
    }
}
