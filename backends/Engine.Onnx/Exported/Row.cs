namespace Gateway.Engine.Onnx.Exported;

/// <summary>A stretch of one sequence in a pass; all rows of a pass have equally many tokens.</summary>
internal readonly record struct Row(long Sequence, ReadOnlyMemory<int> Tokens, int Start, ReadOnlyMemory<int> Blocks)
{
    public int End => Start + Tokens.Length;
}
