using Gateway.Calls;
using Gateway.Forwarding;

namespace Gateway.Policies;

/// <summary>What a call that is over counts for.</summary>
/// <param name="WasSent">Whether any upstream was sent anything; if not, nothing is counted at all.</param>
/// <param name="Cost">By the price of the model that answered.</param>
internal readonly record struct Settlement(bool WasSent, decimal Cost)
{
    /// <summary>Tokens read.</summary>
    public long Prompt { get; init; }

    /// <summary>Of those, the ones that were in a cache.</summary>
    public long Cached { get; init; }

    /// <summary>Tokens made.</summary>
    public long Made { get; init; }

    /// <summary>Of those, the ones of thoughts.</summary>
    public long Reasoning { get; init; }

    /// <summary>Whether the upstream did not count.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>Read and made.</summary>
    public long Tokens => Prompt + Made;

    public static Settlement Of(Call call)
    {
        var (sent, left) = (false, false);
        foreach (var attempt in call.Attempts)
        {
            if (attempt.Committed) return Used(call, call.Usage.Prompt, call.Usage.Completion);
            sent |= attempt.Sent;
            left |= attempt is { Sent: true, Reason: Reasons.ClientLeft or Reasons.Deadline };
        }

        // Who did not wait for the first token had the prompt read all the same. What an upstream refused, or failed at, costs nothing.
        return left ? Used(call, call.Body.PromptTokens, 0) : new Settlement(sent, 0);
    }

    /// <summary>Of a call that runs: what has passed, as it may be counted now.</summary>
    public static Settlement SoFar(Call call)
    {
        if (call.Upstream is null) return default;
        return call.Usage.IsEstimated ? Used(call, call.Body.PromptTokens, call.Usage.Passed) : Used(call, call.Usage.Prompt, call.Usage.Completion);
    }

    /// <summary>Tokens that a call is reserved before it is made.</summary>
    public static (long Tokens, decimal Cost) Estimate(Call call)
    {
        if (!Reads(call.Path)) return (0, 0);
        var prompt = call.Body.PromptTokens;
        var made = Makes(call.Path) ? call.Tokens - prompt : 0;
        return (prompt + made, call.Model.Options.Price?.Of(prompt, 0, made) ?? 0);
    }

    private static Settlement Used(Call call, long prompt, long completion)
    {
        if (!Reads(call.Path)) return new Settlement(true, 0);
        var (cached, made) = (Math.Min(call.Usage.Cached, prompt), Makes(call.Path) ? completion : 0);
        return new Settlement(true, call.Answering.Options.Price?.Of(prompt, cached, made) ?? 0) { Prompt = prompt, Cached = cached, Made = made, Reasoning = Math.Min(call.Usage.Reasoning, made), IsEstimated = call.Usage.IsEstimated };
    }

    private static bool Makes(string path) => path is "/v1/chat/completions" or "/v1/completions";

    // The others only look at texts: no model is run.
    private static bool Reads(string path) => Makes(path) || path is "/v1/embeddings" or "/v1/rerank" or "/v2/rerank" or "/rerank" or "/v1/classify" or "/classify";
}
