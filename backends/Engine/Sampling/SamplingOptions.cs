using System.Collections.Immutable;

namespace Gateway.Engine.Sampling;

/// <summary>How the next token is chosen. The defaults are plain sampling from the model's distribution.</summary>
public sealed record SamplingOptions
{
    /// <summary>Greedy decoding.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits; 0 is greedy. 0 to 2.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the smallest set of most likely tokens whose probability reaches this. 0 to 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps the k most likely tokens, ties included; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Drops tokens less likely than this times the most likely one; 0 drops none.</summary>
    public double MinP { get; init; }

    /// <summary>Locally typical sampling (Meister et al., 2022): keeps the tokens whose surprise is nearest the entropy until they hold this much; 1 keeps all.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Drops tokens less likely than this; 0 drops none, and the most likely always stays.</summary>
    public double EpsilonCutoff { get; init; }

    /// <summary>Drops tokens less likely than the smaller of this and √this · exp(−entropy) (Hewitt et al., 2022); 0 drops none.</summary>
    public double EtaCutoff { get; init; }

    /// <summary>Subtracted once from each token already generated. −2 to 2.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Subtracted from each token for every time that it was generated. −2 to 2.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Divides a positive logit, multiplies a negative one, for each distinct token of prompt and answer; 1 changes nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Added to the logits of single tokens; −100 bans, 100 forces.</summary>
    public ImmutableDictionary<int, float> LogitBias { get; init; } = ImmutableDictionary<int, float>.Empty;

    /// <summary>No run of this many tokens occurs twice in prompt and answer; 0 allows all.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Runs of tokens that prompt and answer never complete.</summary>
    public ImmutableArray<ImmutableArray<int>> BadWords { get; init; } = [];

    /// <summary>End tokens are not sampled before the answer has as many tokens.</summary>
    public int MinTokens { get; init; }

    /// <summary>Same seed, same options, same prompt: same tokens. Null takes one from the engine's own chance.</summary>
    public long? Seed { get; init; }

    /// <summary>Number of alternatives to report with each token (0 reports the token alone); null reports nothing.</summary>
    public int? LogProbs { get; init; }
}

/// <summary>Log-probability of a token under the model itself (log-softmax of the raw logits, before temperature, penalties and bias).</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProb">Natural logarithm, at most 0.</param>
/// <param name="Top">The most likely tokens, descending.</param>
public sealed record TokenLogProbs(int Token, float LogProb, IReadOnlyList<TokenLogProb> Top);

/// <summary>One alternative.</summary>
public readonly record struct TokenLogProb(int Token, float LogProb);
