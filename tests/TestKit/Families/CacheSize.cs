namespace Gateway.TestKit.Families;

/// <summary>Cache of a runner under test.</summary>
/// <param name="BlockSize">Positions in a block.</param>
/// <param name="BlockCount">Blocks.</param>
public sealed record CacheSize(int BlockSize, int BlockCount)
{
    /// <summary>Enough for a few of the golden prompts.</summary>
    public static CacheSize Small { get; } = new(16, 64);
}
