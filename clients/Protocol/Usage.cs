namespace Gateway.Protocol;

/// <summary>Tokens of a call. With several choices the prompt counts once and the answers add up.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens generated.</param>
/// <param name="TotalTokens">Their sum.</param>
public sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens)
{
    /// <summary>Parts of the prompt's tokens.</summary>
    public PromptTokensDetails? PromptTokensDetails { get; init; }

    /// <summary>Parts of the answer's tokens.</summary>
    public CompletionTokensDetails? CompletionTokensDetails { get; init; }
}

/// <summary>Parts of the prompt's tokens.</summary>
/// <param name="CachedTokens">Answered by the prefix cache.</param>
/// <param name="AudioTokens">Of sound.</param>
public sealed record PromptTokensDetails(int CachedTokens = 0, int AudioTokens = 0);

/// <summary>Parts of the answer's tokens.</summary>
/// <param name="ReasoningTokens">Spent thinking.</param>
/// <param name="AudioTokens">Of sound.</param>
/// <param name="AcceptedPredictionTokens">Of a prediction that came true.</param>
/// <param name="RejectedPredictionTokens">Of a prediction that did not.</param>
public sealed record CompletionTokensDetails(int ReasoningTokens = 0, int AudioTokens = 0, int AcceptedPredictionTokens = 0, int RejectedPredictionTokens = 0);
