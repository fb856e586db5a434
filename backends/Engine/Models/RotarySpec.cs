using Gateway.Engine.Runner;

namespace Gateway.Engine.Models;

/// <summary>Rotary position embeddings (Su et al., 2021), scaling included: frequencies, and a factor on cosine and sine.</summary>
/// <param name="InverseFrequencies">Radians a position, one for each pair of dimensions; a head may have more dimensions than these turn.</param>
/// <param name="Attention">Multiplies cosine and sine (yarn, longrope); 1 otherwise.</param>
public sealed record RotarySpec(IReadOnlyList<double> InverseFrequencies, double Attention = 1)
{
    /// <summary>Set where the length of the sequence changes the frequencies.</summary>
    public LengthScaling? Scaling { get; init; }

    /// <summary>The frequencies of a sequence longer than <see cref="LengthScaling.Past"/>.</summary>
    public Func<int, IReadOnlyList<double>>? Stretched { get; init; }

    /// <summary>Dimensions of a head that turn; the first ones. The pair of dimension i is i + Turned / 2.</summary>
    public int Turned => InverseFrequencies.Count * 2;
}
