using Gateway.Engine.Encoders;

namespace Gateway.Worker.Embeddings;

/// <summary>A valid embedding request.</summary>
/// <param name="Inputs">In the order of the answer.</param>
/// <param name="Dimensions">Width of the answer's vectors where it is less than the model's.</param>
/// <param name="Base64">Whether vectors are written as base64 of little-endian float32.</param>
internal sealed record EmbeddingCall(IReadOnlyList<EncoderInput> Inputs, int? Dimensions, bool Base64)
{
    public int PromptTokens { get; } = Inputs.Sum(input => input.Tokens.Length);
}
