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

    /// <summary>From the embedding's width to that of the residual stream, if they differ.</summary>
    public string? ProjectIn { get; init; }

    /// <summary>Back to the embedding's width before the head, if they differ.</summary>
    public string? ProjectOut { get; init; }

    /// <summary>Norm before attention, or after it.</summary>
    public required string AttentionNorm { get; init; }

    /// <summary>Queries, keys and values: three names, or one fused.</summary>
    public required IReadOnlyList<string> Qkv { get; init; }

    /// <summary>How a fused qkv lies in memory.</summary>
    public FusedLayout Fused { get; init; }

    /// <summary>Norm of each query head before it turns, if any.</summary>
    public string? QueryNorm { get; init; }

    /// <summary>Norm of each key head before it turns, if any.</summary>
    public string? KeyNorm { get; init; }

    /// <summary>A score for each head that joins the softmax and is dropped after it, if any.</summary>
    public string? Sinks { get; init; }

    /// <summary>Norm of the attention's output before it joins the residual stream, if any.</summary>
    public string? AttentionOutputNorm { get; init; }

    /// <summary>After attention.</summary>
    public required string Output { get; init; }

    /// <summary>Norm before the feed-forward part, or after it.</summary>
    public required string MlpNorm { get; init; }

    /// <summary>Norm of the feed-forward part's output before it joins the residual stream, if any.</summary>
    public string? MlpOutputNorm { get; init; }

    /// <summary>Gate of the feed-forward part, where it is a matrix of its own.</summary>
    public string? Gate { get; init; }

    /// <summary>Into the feed-forward part; with a gate and no name for it, both in one matrix, the gate first.</summary>
    public required string Up { get; init; }

    /// <summary>Out of the feed-forward part.</summary>
    public required string Down { get; init; }

    /// <summary>Scores of the experts, if any.</summary>
    public string? Router { get; init; }

    /// <summary>Gate of expert <c>{E}</c>.</summary>
    public string? ExpertGate { get; init; }

    /// <summary>Into expert <c>{E}</c>.</summary>
    public string? ExpertUp { get; init; }

    /// <summary>Out of expert <c>{E}</c>.</summary>
    public string? ExpertDown { get; init; }

    /// <summary>
    /// Where all experts of a layer are stored together, the stem of <c>.gate_up_proj</c> [experts, hidden, 2 · intermediate] with gate and up in turn,
    /// <c>.down_proj</c> [experts, intermediate, hidden] and their <c>_bias</c> (gpt-oss).
    /// </summary>
    public string? ExpertsTogether { get; init; }

    /// <summary>Norm before the head, if any.</summary>
    public required string? FinalNorm { get; init; }

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
