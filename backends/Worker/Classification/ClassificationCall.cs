using Gateway.Engine.Encoders;

namespace Gateway.Worker.Classification;

/// <summary>A valid classification request.</summary>
/// <param name="Inputs">Texts and pairs, in the order of the answer.</param>
/// <param name="Raw">Whether scores stay logits.</param>
internal sealed record ClassificationCall(IReadOnlyList<EncoderInput> Inputs, bool Raw)
{
    public int PromptTokens { get; } = Inputs.Sum(input => input.Tokens.Length);
}
