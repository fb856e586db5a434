namespace Gateway.Worker.Generation;

/// <summary>How likely a candidate is to the model itself: what <c>best_of</c> ranks by.</summary>
internal sealed class Likelihood
{
    private double logProbs;
    private int tokens;

    /// <summary>Mean log-probability of its tokens: a sum would only prefer the shortest.</summary>
    public double Mean => tokens == 0 ? 0 : logProbs / tokens;

    public void Add(IReadOnlyList<AnswerToken> released)
    {
        foreach (var token in released)
        {
            if (token.Scores is not { } scores) continue;
            logProbs += scores.LogProb;
            tokens++;
        }
    }
}
