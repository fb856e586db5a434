namespace Gateway.Engine.Sampling;

/// <summary>How often each token occurred, kept only while an option asks for it. One owner thread.</summary>
public sealed class TokenCounts
{
    private readonly Dictionary<int, int> generated = [];
    private readonly HashSet<int> seen = [];

    /// <summary>Tokens of the answer and how often each was generated.</summary>
    public IReadOnlyDictionary<int, int> Generated => generated;

    /// <summary>Distinct tokens of prompt and answer.</summary>
    public IReadOnlySet<int> Seen => seen;

    /// <summary>The prompt counts for the repetition penalty only, as in vLLM.</summary>
    public void AddPrompt(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens) seen.Add(token);
    }

    /// <summary>A token was generated.</summary>
    public void Add(int token)
    {
        generated[token] = generated.GetValueOrDefault(token) + 1;
        seen.Add(token);
    }
}
