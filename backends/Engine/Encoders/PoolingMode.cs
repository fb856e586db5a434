namespace Gateway.Engine.Encoders;

/// <summary>How the tokens' hidden states become one vector; sentence-transformers' names.</summary>
public enum PoolingMode
{
    /// <summary>The first token's state.</summary>
    Cls,

    /// <summary>The mean of all, special tokens included.</summary>
    Mean,

    /// <summary>The greatest value in each dimension.</summary>
    Max,

    /// <summary>The sum divided by the square root of the count.</summary>
    MeanSqrtLength,

    /// <summary>The mean weighted by position, the first token 1.</summary>
    WeightedMean,

    /// <summary>The last token's state.</summary>
    LastToken,
}
