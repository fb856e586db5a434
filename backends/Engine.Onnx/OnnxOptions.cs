namespace Gateway.Engine.Onnx;

/// <summary>How a model is loaded.</summary>
public sealed record OnnxOptions
{
    /// <summary>Positions of a sequence, or null for what the model was made for.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Numbers that matrices are kept in: <c>f32</c>, <c>q8</c>, <c>q4</c>, or <c>auto</c> for float32.</summary>
    public string Weights { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Memory for keys and values.</summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>Cache blocks, or null for as many as <see cref="CacheBytes"/> holds.</summary>
    public int? BlockCount { get; init; }

    /// <summary>Positions in a block.</summary>
    public int BlockSize { get; init; } = 16;

    /// <summary>Threads of one operator, or null for one for each processor.</summary>
    public int? Threads { get; init; }

    /// <summary>Where written graphs are kept for the next time; null for a folder that is gone when the session is open.</summary>
    public string? GraphCache { get; init; }

    /// <summary>Most that the kept graphs may take together; the longest unused go first.</summary>
    public long GraphCacheBytes { get; init; } = 32L << 30;
}
