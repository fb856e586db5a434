namespace Gateway.Engine.Onnx.Exported;

/// <summary>What a graph was found to do when it was loaded.</summary>
/// <param name="Vocabulary">Width of its logits.</param>
/// <param name="Batches">Whether rows of different length give together what each gives alone.</param>
/// <param name="Continues">Whether several tokens at once may follow a past.</param>
/// <param name="LastLogitsOnly">Whether only the last position of a pass has logits.</param>
/// <param name="Notes">What is lost by it, for people.</param>
internal sealed record Abilities(int Vocabulary, bool Batches, bool Continues, bool LastLogitsOnly, IReadOnlyList<string> Notes);
