namespace Gateway.Engine.Sampling;

/// <summary>What changes single logits before the choice: bias, then repetition, then presence and frequency, as in vLLM.</summary>
internal static class Penalties
{
    public static void Apply(Span<float> logits, SamplingOptions options, TokenCounts? counts)
    {
        foreach (var (token, bias) in options.LogitBias) logits[token] += bias;
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

        // The contract: −100 bans and 100 forces, whatever the logits and the penalties are.
        foreach (var (token, bias) in options.LogitBias)
        {
            if (bias <= -100) logits[token] = float.NegativeInfinity;
            else if (bias >= 100) logits[token] += 1e4f;
        }
    }
}
