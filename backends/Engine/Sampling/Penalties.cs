namespace Gateway.Engine.Sampling;

/// <summary>What changes single logits before the choice.</summary>
internal static class Penalties
{
    public static void Apply(Span<float> logits, SamplingOptions options, TokenCounts? counts)
    {
        if (options.RepetitionPenalty != 1 && counts is not null)
        {
            var penalty = (float)options.RepetitionPenalty;
            // Once for each distinct token, prompt included (Keskar et al., 2019).
            foreach (var token in counts.Seen)
                if (token < logits.Length) logits[token] = logits[token] < 0 ? logits[token] * penalty : logits[token] / penalty;
        }

        if ((options.PresencePenalty != 0 || options.FrequencyPenalty != 0) && counts is not null)
        {
            foreach (var (token, count) in counts.Generated)
                if (token < logits.Length) logits[token] -= (float)(options.PresencePenalty + (options.FrequencyPenalty * count));
        }

        foreach (var (token, bias) in options.LogitBias)
        {
            // The contract: −100 bans and 100 forces, whatever the logits are.
            if (bias <= -100) logits[token] = float.NegativeInfinity;
            else logits[token] += bias >= 100 ? 1e4f : bias;
        }
    }
}
