namespace Gateway.Engine.Constraints.Masks;

/// <summary>What one entry of a stack contributes to a mask.</summary>
/// <param name="Dense">The tokens allowed, as bits, or null where a list is shorter.</param>
/// <param name="Sparse">The tokens allowed, where there is no <paramref name="Dense"/>.</param>
/// <param name="Asked">Tokens that need the sequence's own memory to decide.</param>
/// <param name="Left">The set of places in the vocabulary's tree at which the entry was left, 0 for the empty set.</param>
internal sealed record MaskPart(ulong[]? Dense, int[] Sparse, int[] Asked, int Left)
{
    public long Bytes => 80 + ((Dense?.Length ?? 0) * 8L) + (Sparse.Length * 4L) + (Asked.Length * 4L);

    public void AddTo(Span<ulong> mask)
    {
        if (Dense is not null) System.Numerics.Tensors.TensorPrimitives.BitwiseOr(mask, Dense, mask);
        else foreach (var token in Sparse) mask[token >> 6] |= 1UL << token;
    }
}
