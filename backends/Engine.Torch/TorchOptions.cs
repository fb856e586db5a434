namespace Gateway.Engine.Torch;

/// <summary>How a model is loaded.</summary>
public sealed record TorchOptions
{
    /// <summary>Positions of a sequence, or null for what the model was made for.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Numbers that weights are kept in: <c>f32</c>, <c>bf16</c>, or <c>auto</c>: float32, and bfloat16 for models of more than 10⁹ parameters that are stored in 16 bits.</summary>
    public string Weights { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Memory for keys and values, or null for 512 MB, and 2 GB on a GPU, where many are to be served at once.</summary>
    public long? CacheBytes { get; init; }

    /// <summary>Cache blocks, or null for as many as <see cref="CacheBytes"/> holds.</summary>
    public int? BlockCount { get; init; }

    /// <summary>Whether sequences that decode attend together, padded to the longest; null for yes where calls cost more than copies: on a GPU.</summary>
    internal bool? Join { get; init; }

    /// <summary>Positions in a block.</summary>
    public int BlockSize { get; init; } = 16;

    /// <summary>Threads of one operator, or null for one for each processor, and a single one for models of less than 20 million parameters.</summary>
    public int? Threads { get; init; }
}
