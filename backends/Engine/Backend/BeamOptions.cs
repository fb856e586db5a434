namespace Gateway.Engine.Backend;

/// <summary>What a beam search is asked for.</summary>
/// <param name="Beams">Hypotheses that are followed at once.</param>
/// <param name="Returned">How many of the best are given, at most <paramref name="Beams"/>.</param>
/// <param name="LengthPenalty">A hypothesis' log-probability is divided by its length to this power: above 0 prefers long answers, below short ones.</param>
/// <param name="Stopping">When to stop with as many finished hypotheses as beams.</param>
public sealed record BeamOptions(int Beams, int Returned, double LengthPenalty = 1, BeamStopping Stopping = BeamStopping.Heuristic);

/// <summary>When a beam search with enough finished hypotheses ends (transformers' <c>early_stopping</c>).</summary>
public enum BeamStopping
{
    /// <summary><c>false</c>: when the best running one could not beat them if it ended now.</summary>
    Heuristic,

    /// <summary><c>true</c>: at once.</summary>
    Early,

    /// <summary><c>"never"</c>: when no running one could ever beat them.</summary>
    Never,
}
