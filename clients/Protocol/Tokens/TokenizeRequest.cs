namespace Gateway.Protocol.Tokens;

/// <summary>A request to <c>POST /v1/tokenize</c>, an extension. Null is left out and means the server's default.</summary>
public sealed record TokenizeRequest(string Model, string Prompt)
{
    /// <summary>Whether the tokens that the model expects around a text are added; they are by default.</summary>
    public bool? AddSpecialTokens { get; init; }

    /// <summary>Whether the vocabulary's entries come beside the ids.</summary>
    public bool? ReturnTokenStrs { get; init; }
}
