namespace Gateway.Engine.Models;

/// <summary>A mixture of experts: each token goes through a few of them, chosen by a router.</summary>
/// <param name="Count">Experts of a layer.</param>
/// <param name="PerToken">How many a token goes through: those with the highest router scores.</param>
/// <param name="Intermediate">Width inside an expert.</param>
/// <param name="Weighting">How scores become shares.</param>
public sealed record ExpertSpec(int Count, int PerToken, int Intermediate, ExpertWeighting Weighting)
{
    /// <summary>Where gate and up are clamped to ± this, the expert is (up + 1) · gate · σ(1.702 · gate) (gpt-oss); null for the usual gate.</summary>
    public double? ClampedAt { get; init; }
}

/// <summary>How the scores of the chosen experts become the shares of their outputs.</summary>
public enum ExpertWeighting
{
    /// <summary>Softmax over all; the chosen ones keep what they have (Qwen3-MoE without norm_topk_prob).</summary>
    OverAll,

    /// <summary>Softmax over the chosen ones, which equals softmax over all, scaled to a sum of 1 (Mixtral, gpt-oss).</summary>
    OverChosen,
}
