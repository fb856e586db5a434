namespace Gateway.Engine.Onnx.Exported;

/// <summary>Names of a decoder's inputs and outputs; <c>%d</c> stands for the layer. The defaults are Optimum's.</summary>
internal sealed record DecoderNames
{
    public string Tokens { get; init; } = "input_ids";

    public string Mask { get; init; } = "attention_mask";

    public string Positions { get; init; } = "position_ids";

    public string PastKey { get; init; } = "past_key_values.%d.key";

    public string PastValue { get; init; } = "past_key_values.%d.value";

    public string Logits { get; init; } = "logits";

    public string PresentKey { get; init; } = "present.%d.key";

    public string PresentValue { get; init; } = "present.%d.value";
}
