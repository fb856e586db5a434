namespace Gateway.Engine.Encoders;

/// <summary>A text or a pair as an encoder reads it.</summary>
/// <param name="Input">Cut where it was too long.</param>
/// <param name="FullLength">Tokens before it was cut, frame included.</param>
public readonly record struct FramedText(EncoderInput Input, int FullLength)
{
    /// <summary>Whether something was cut off.</summary>
    public bool IsCut => FullLength > Input.Tokens.Length;
}
