namespace Gateway.Engine.Text;

/// <summary>Special tokens that the post-processor puts around a text.</summary>
/// <param name="Before">Before it.</param>
/// <param name="After">After it.</param>
public sealed record TokenFrame(int[] Before, int[] After)
{
    /// <summary>How many there are.</summary>
    public int Length => Before.Length + After.Length;
}
