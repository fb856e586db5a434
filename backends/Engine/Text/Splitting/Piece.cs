namespace Gateway.Engine.Text.Splitting;

/// <summary>A stretch of normalized text that the vocabulary will encode by itself.</summary>
/// <param name="Text">The text.</param>
/// <param name="AtStart">Whether it begins where the whole input begins.</param>
internal readonly record struct Piece(string Text, bool AtStart);
