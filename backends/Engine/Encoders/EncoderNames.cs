namespace Gateway.Engine.Encoders;

/// <summary>
/// Names of an encoder's weights in a checkpoint. <c>{N}</c> stands for the layer; a linear's or norm's name is without <c>.weight</c> and
/// <c>.bias</c>.
/// </summary>
public sealed record EncoderNames
{
    /// <summary>Prefixes that a checkpoint may have or lack before every name.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>Token embedding.</summary>
    public required string Embedding { get; init; }

    /// <summary>Learned positions, if any.</summary>
    public string? Positions { get; init; }

    /// <summary>Token types, if any.</summary>
    public string? TokenTypes { get; init; }

    /// <summary>Norm of the embeddings' sum.</summary>
    public required string EmbeddingNorm { get; init; }

    /// <summary>Biases of distances, if any: [buckets, heads].</summary>
    public string? Distances { get; init; }

    /// <summary>Queries, keys and values: three names, or one fused in this order.</summary>
    public required IReadOnlyList<string> Qkv { get; init; }

    /// <summary>After attention.</summary>
    public required string Output { get; init; }

    /// <summary>Norm before attention, or after its residual sum.</summary>
    public required string AttentionNorm { get; init; }

    /// <summary>Whether the first layer has no <see cref="AttentionNorm"/>: the embeddings' norm stands before it already (ModernBERT).</summary>
    public bool FirstLayerWithoutAttentionNorm { get; init; }

    /// <summary>Into the feed-forward part; with a gate twice as wide, the half that is activated first.</summary>
    public required string Up { get; init; }

    /// <summary>Out of the feed-forward part.</summary>
    public required string Down { get; init; }

    /// <summary>Norm before the feed-forward part, or after its residual sum.</summary>
    public required string MlpNorm { get; init; }

    /// <summary>Norm after the last layer, if any.</summary>
    public string? FinalNorm { get; init; }

    /// <summary>First parts of names that belong to heads and buffers, not to the encoder.</summary>
    public IReadOnlyList<string> Besides { get; init; } = [];
}
