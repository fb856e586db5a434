using System.Security.Cryptography;
using System.Text;

namespace Gateway.Engine.Models;

/// <summary>
/// A name for the numbers in a model's files, cheap for any size: each file's length and evenly spaced samples of it. Weights that were trained
/// further differ nearly everywhere, so the samples tell; a copy of the files has the same name wherever it lies.
/// </summary>
public static class WeightsIdentity
{
    private const int Samples = 64;
    private const int SampleBytes = 4096;
    private static readonly string[] Kinds = [".safetensors", ".gguf", ".onnx", ".onnx_data", ".bin"];

    /// <param name="path">A model folder, or one file.</param>
    /// <returns>Sixty-four hexadecimal digits.</returns>
    public static string Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(Counts).Order(StringComparer.Ordinal).ToArray();
        var part = new byte[SampleBytes];
        foreach (var file in files)
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}:{length};"));
            var step = Math.Max(SampleBytes, length / Samples);
            for (long at = 0; at < length; at += step) hash.AppendData(part.AsSpan(0, RandomAccess.Read(handle, part, at)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool Counts(string file) => Path.GetFileName(file) == "config.json" || Kinds.Contains(Path.GetExtension(file));
}
