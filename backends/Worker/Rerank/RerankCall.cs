using Gateway.Engine.Encoders;

namespace Gateway.Worker.Rerank;

/// <summary>A valid rerank request.</summary>
/// <param name="Pairs">The query with each document, in the order of the request.</param>
/// <param name="Documents">Their texts.</param>
/// <param name="Top">How many results are wanted.</param>
/// <param name="ReturnDocuments">Whether results repeat their texts.</param>
/// <param name="Raw">Whether scores stay logits, or become 0 to 1.</param>
internal sealed record RerankCall(IReadOnlyList<EncoderInput> Pairs, IReadOnlyList<string> Documents, int Top, bool ReturnDocuments, bool Raw)
{
    public int PromptTokens { get; } = Pairs.Sum(pair => pair.Tokens.Length);
}
