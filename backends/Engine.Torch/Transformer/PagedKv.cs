using Gateway.Engine.Models;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Keys and values of all sequences: for each layer one tensor of slots, block after block.</summary>
internal sealed class PagedKv : IDisposable
{
    private readonly Tensor[] keys;
    private readonly Tensor[] values;

    public PagedKv(DecoderSpec spec, int blockCount, int blockSize, Device device)
    {
        // Left as the system gives it: pages cost memory only once a block is used.
        Tensor Make() => empty([(long)blockCount * blockSize, spec.KvHeads, spec.HeadDim], ScalarType.Float32, device).DetachFromDisposeScope();
        keys = [.. Enumerable.Range(0, spec.Layers).Select(_ => Make())];
        values = [.. Enumerable.Range(0, spec.Layers).Select(_ => Make())];
    }

    /// <param name="layer">Which layer.</param>
    /// <param name="slots">[tokens].</param>
    /// <param name="key">[tokens, kvHeads, headDim].</param>
    /// <param name="value">[tokens, kvHeads, headDim].</param>
    public void Write(int layer, Tensor slots, Tensor key, Tensor value)
    {
        keys[layer].index_copy_(0, slots, key);
        values[layer].index_copy_(0, slots, value);
    }

    /// <summary>What the rows of one or more sequences see in the cache, as [sequences, kvHeads, length, headDim].</summary>
    public (Tensor Keys, Tensor Values) Read(int layer, in Sight sight, int sequences) => (Read(keys[layer], sight, sequences), Read(values[layer], sight, sequences));

    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values)) tensor.Dispose();
    }

    private static Tensor Read(Tensor slots, in Sight sight, int sequences)
    {
        // Blocks that follow each other need no copy.
        var rows = sight.Slots is null ? slots.narrow(0, sight.FirstSlot, sight.Length) : slots.index_select(0, sight.Slots);
        return rows.view(sequences, sight.Length, rows.shape[1], rows.shape[2]).transpose(1, 2); // [sequences, kvHeads, length, headDim]
    }
}
