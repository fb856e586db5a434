namespace Gateway.Protocol.Tokens;

/// <summary>A request to <c>POST /v1/detokenize</c>, an extension.</summary>
public sealed record DetokenizeRequest(string Model, IReadOnlyList<int> Tokens);
