namespace Gateway.Engine.Models;

/// <summary>
/// Names of weights in a checkpoint, the only place that knows them. <c>{N}</c> stands for the layer; a linear's name is without
/// <c>.weight</c> and <c>.bias</c>.
/// </summary>
public sealed record DecoderNames
{
    /// <summary>Prefixes that a checkpoint may have or lack before every name but the head's.</summary>
    public required IReadOnlyList<string> Prefixes { get; init; }

    /// <summary>Token embedding.</summary>
    public required string Embedding { get; init; }

    /// <summary>Learned positions, if any.</summary>
    public string? Positions { get; init; }

    /// <summary>Norm after the embedding, if any.</summary>
    public string? EmbeddingNorm { get; init; }

    /// <summary>Norm before attention.</summary>
    public required string AttentionNorm { get; init; }

    /// <summary>Queries, keys and values: three names, or one fused.</summary>
    public required IReadOnlyList<string> Qkv { get; init; }

    /// <summary>How a fused qkv lies in memory.</summary>
    public FusedLayout Fused { get; init; }

    /// <summary>After attention.</summary>
    public required string Output { get; init; }

    /// <summary>Norm before the feed-forward part.</summary>
    public required string MlpNorm { get; init; }

    /// <summary>Gate of the feed-forward part, if any.</summary>
    public string? Gate { get; init; }

    /// <summary>Into the feed-forward part.</summary>
    public required string Up { get; init; }

    /// <summary>Out of the feed-forward part.</summary>
    public required string Down { get; init; }

    /// <summary>Norm before the head.</summary>
    public required string FinalNorm { get; init; }

    /// <summary>The head where it is not the embedding.</summary>
    public string Head { get; init; } = "lm_head";

    /// <summary>Whether linears are stored [in, out] (GPT-2's Conv1D) and not [out, in].</summary>
    public bool Transposed { get; init; }
}

/// <summary>Orders of a fused qkv matrix.</summary>
public enum FusedLayout
{
    /// <summary>All queries, all keys, all values.</summary>
    Blocks,

    /// <summary>Head by head: query, key, value (BLOOM, GPT-NeoX).</summary>
    Interleaved,
}
