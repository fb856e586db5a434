namespace Gateway.Engine.Text;

/// <summary>Special tokens around two texts, with the token types of both.</summary>
/// <param name="Before">Before the first.</param>
/// <param name="Between">Between them.</param>
/// <param name="After">After the second.</param>
public sealed record PairFrame(int[] Before, int[] Between, int[] After)
{
    /// <summary>Types of <see cref="Before"/>.</summary>
    public int[] BeforeTypes { get; init; } = new int[Before.Length];

    /// <summary>Types of <see cref="Between"/>.</summary>
    public int[] BetweenTypes { get; init; } = new int[Between.Length];

    /// <summary>Types of <see cref="After"/>.</summary>
    public int[] AfterTypes { get; init; } = new int[After.Length];

    /// <summary>Whether the second of the caller's texts stands first; "first" and "second" here are places.</summary>
    public bool Swapped { get; init; }

    /// <summary>Type of the first text's tokens.</summary>
    public int FirstType { get; init; }

    /// <summary>Type of the second text's tokens.</summary>
    public int SecondType { get; init; }

    /// <summary>How many special tokens there are.</summary>
    public int Length => Before.Length + Between.Length + After.Length;
}
