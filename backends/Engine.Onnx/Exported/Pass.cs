using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>What one run of the graph gave: logits, and the whole cache of its rows, which is the next pass's past if the same rows go on.</summary>
internal sealed class Pass(IReadOnlyList<Row> rows, IDisposableReadOnlyCollection<OrtValue> outputs) : IDisposable
{
    private readonly long[] logitsShape = outputs[0].GetTensorTypeAndShape().Shape; // [batch, tokens or 1, vocabulary]

    public int Batch => (int)logitsShape[0];

    public int Vocabulary => (int)logitsShape[2];

    /// <summary>Positions of a row that have logits: all of the pass, or the last only.</summary>
    public int Positions => (int)logitsShape[1];

    public OrtValue Present(int tensor) => outputs[1 + tensor];

    /// <summary>Whether a pass over <paramref name="next"/> goes on exactly where this one ended.</summary>
    public bool IsContinuedBy(IReadOnlyList<Row> next)
    {
        if (next.Count != rows.Count) return false;
        for (var i = 0; i < next.Count; i++)
            if (next[i].Sequence != rows[i].Sequence || next[i].Start != rows[i].End) return false;
        return true;
    }

    public bool Holds(long sequence) => rows.Any(row => row.Sequence == sequence);

    /// <summary>Copies the logits of the last <paramref name="count"/> positions of a row.</summary>
    public void CopyLast(int row, int count, Span<float> target)
    {
        var width = count * Vocabulary;
        var first = (((row * Positions) + Positions - count) * (long)Vocabulary);
        if (outputs[0].GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
            outputs[0].GetTensorDataAsSpan<float>().Slice(checked((int)first), width).CopyTo(target);
        else
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(outputs[0].GetTensorDataAsSpan<Float16>()).Slice(checked((int)first), width), target[..width]);
    }

    public void Dispose() => outputs.Dispose();
}
