namespace Gateway.Engine.Models;

/// <summary>How far each position turns each pair of dimensions: the cosines and sines of a <see cref="RotarySpec"/>, computed once. One thread.</summary>
public sealed class RotaryTable
{
    private readonly RotarySpec spec;
    private readonly float[] turns; // [context, pairs] of (cosine, sine), for sequences that need no scaling by length
    private readonly Dictionary<int, IReadOnlyList<double>> stretched = [];

    /// <param name="spec">Frequencies.</param>
    /// <param name="contextLength">Positions.</param>
    public RotaryTable(RotarySpec spec, int contextLength)
    {
        this.spec = spec;
        turns = new float[contextLength * Pairs * 2];
        for (var position = 0; position < contextLength; position++) Turn(position, spec.InverseFrequencies, turns.AsSpan(position * Pairs * 2));
    }

    /// <summary>Pairs of dimensions.</summary>
    public int Pairs => spec.InverseFrequencies.Count;

    /// <summary>Writes cosine and sine of each pair, one after the other: [pairs, 2].</summary>
    /// <param name="position">Of the token.</param>
    /// <param name="reach">As in a slice.</param>
    /// <param name="destination">At least Pairs · 2.</param>
    public void Write(int position, int reach, Span<float> destination)
    {
        var length = Math.Max(reach, position + 1);
        if (spec.Scaling is not { } scaling || length <= scaling.Past)
        {
            turns.AsSpan(position * Pairs * 2, Pairs * 2).CopyTo(destination);
            return;
        }

        if (stretched.Count > 64) stretched.Clear(); // one entry a length: a bound, not a policy
        if (!stretched.TryGetValue(length, out var frequencies)) stretched[length] = frequencies = spec.Stretched!(length);
        Turn(position, frequencies, destination);
    }

    private void Turn(int position, IReadOnlyList<double> frequencies, Span<float> destination)
    {
        for (var i = 0; i < frequencies.Count; i++)
        {
            var (sin, cos) = Math.SinCos(position * frequencies[i]);
            destination[i * 2] = (float)(cos * spec.Attention);
            destination[(i * 2) + 1] = (float)(sin * spec.Attention);
        }
    }
}
