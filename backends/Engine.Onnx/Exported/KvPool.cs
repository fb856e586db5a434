using System.Collections.Immutable;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>
/// Keys and values of all sequences in blocks: for each tensor of the cache [block, head, position in block, headSize], in the graph's own
/// element type. A graph wants one contiguous past, so rows are copied out before a pass and the new ones back after it.
/// </summary>
internal sealed unsafe class KvPool : IDisposable
{
    private readonly ImmutableArray<KvTensor> tensors;
    private readonly NativeMemoryBlock[] memory;
    private readonly int blockSize;
    private readonly int elementBytes;

    public KvPool(DecoderSignature signature, int blockCount, int blockSize)
    {
        (tensors, this.blockSize, elementBytes) = (signature.Cache, blockSize, signature.CacheBytes);
        memory = [.. tensors.Select(tensor => new NativeMemoryBlock((long)blockCount * BlockBytes(tensor)))];
    }

    /// <summary>Bytes of one block over all tensors.</summary>
    public static long BytesOfBlock(DecoderSignature signature, int blockSize) =>
        signature.Cache.Sum(tensor => (long)tensor.Heads * blockSize * tensor.HeadSize * signature.CacheBytes);

    /// <summary>Copies positions 0 to <paramref name="count"/> − 1 of a sequence to <paramref name="target"/>, one head after the other, <paramref name="headStride"/> bytes apart.</summary>
    public void Gather(int tensor, ReadOnlySpan<int> blocks, int count, byte* target, long headStride) => Copy(tensor, blocks, 0, count, target, headStride, toPool: false);

    /// <summary>Copies rows from <paramref name="source"/> to positions <paramref name="first"/> … of a sequence.</summary>
    public void Scatter(int tensor, ReadOnlySpan<int> blocks, int first, int count, byte* source, long headStride) => Copy(tensor, blocks, first, count, source, headStride, toPool: true);

    public void Dispose()
    {
        foreach (var block in memory) block.Dispose();
    }

    private void Copy(int tensor, ReadOnlySpan<int> blocks, int first, int count, byte* outside, long headStride, bool toPool)
    {
        var (heads, row, block) = (tensors[tensor].Heads, (long)tensors[tensor].HeadSize * elementBytes, BlockBytes(tensors[tensor]));
        for (var done = 0; done < count;)
        {
            var (index, within) = Math.DivRem(first + done, blockSize);
            var rows = Math.Min(count - done, blockSize - within);
            var inside = memory[tensor].Start + (blocks[index] * block) + (within * row);
            for (var head = 0; head < heads; head++)
            {
                var pool = inside + (head * blockSize * row);
                var other = outside + (head * headStride) + (done * row);
                Buffer.MemoryCopy(toPool ? other : pool, toPool ? pool : other, rows * row, rows * row);
            }

            done += rows;
        }
    }

    private long BlockBytes(KvTensor tensor) => (long)tensor.Heads * blockSize * tensor.HeadSize * elementBytes;
}
