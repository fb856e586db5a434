using System.Text;

namespace Gateway.Engine.Tests.Models;

/// <summary>Writes small GGUF files, right ones and wrong ones: what it is told, unchecked.</summary>
internal sealed class GgufWriter : IDisposable
{
    public void Dispose()
    {
        data.Dispose();
        pairs.Dispose();
        tensors.Dispose();
    }

    private readonly MemoryStream pairs = new();
    private readonly MemoryStream tensors = new();
    private readonly MemoryStream data = new();

    public string Magic { get; init; } = "GGUF";

    public uint Version { get; init; } = 3;

    /// <summary>Set to lie about it.</summary>
    public ulong? TensorCount { get; init; }

    /// <summary>Set to lie about it.</summary>
    public ulong? PairCount { get; init; }

    private ulong tensorsWritten;
    private ulong pairsWritten;

    public GgufWriter Pair(string key, uint type, params byte[] value)
    {
        Text(pairs, key);
        pairs.Write(BitConverter.GetBytes(type));
        pairs.Write(value);
        pairsWritten++;
        return this;
    }

    public GgufWriter Pair(string key, string value) => Pair(key, 8, TextBytes(value));

    public GgufWriter Pair(string key, uint value) => Pair(key, 4, BitConverter.GetBytes(value));

    public GgufWriter Tensor(string name, uint type, ulong[] dimensions, ReadOnlySpan<byte> bytes, ulong? offset = null)
    {
        Text(tensors, name);
        tensors.Write(BitConverter.GetBytes((uint)dimensions.Length));
        foreach (var size in dimensions) tensors.Write(BitConverter.GetBytes(size));
        tensors.Write(BitConverter.GetBytes(type));
        tensors.Write(BitConverter.GetBytes(offset ?? (ulong)data.Length));
        data.Write(bytes);
        while (data.Length % 32 != 0) data.WriteByte(0);
        tensorsWritten++;
        return this;
    }

    public byte[] ToBytes()
    {
        byte[] header =
        [
            .. Encoding.ASCII.GetBytes(Magic), .. BitConverter.GetBytes(Version), .. BitConverter.GetBytes(TensorCount ?? tensorsWritten),
            .. BitConverter.GetBytes(PairCount ?? pairsWritten), .. pairs.ToArray(), .. tensors.ToArray(),
        ];
        return [.. header, .. new byte[(32 - (header.Length % 32)) % 32], .. data.ToArray()];
    }

    public static byte[] TextBytes(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static void Text(MemoryStream to, string text) => to.Write(TextBytes(text));
}
