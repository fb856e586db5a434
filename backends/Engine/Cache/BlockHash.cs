using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Engine.Cache;

/// <summary>
/// Names a full block by its tokens and everything before them. Cut from SHA-256, because a prompt is chosen by strangers: with a weaker hash
/// one caller could build a prompt that finds another's cache.
/// </summary>
public readonly record struct BlockHash(ulong High, ulong Low)
{
    /// <summary>The hash of a block that follows the block named <paramref name="parent"/>.</summary>
    public static BlockHash Of(BlockHash parent, ReadOnlySpan<int> tokens)
    {
        Span<byte> text = stackalloc byte[16 + (tokens.Length * sizeof(int))];
        MemoryMarshal.Write(text, parent);
        MemoryMarshal.AsBytes(tokens).CopyTo(text[16..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return MemoryMarshal.Read<BlockHash>(digest);
    }
}
