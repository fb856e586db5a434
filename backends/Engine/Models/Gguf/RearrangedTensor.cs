using System.Numerics.Tensors;

namespace Gateway.Engine.Models.Gguf;

/// <summary>A tensor whose rows come in another order than they are stored, under another name.</summary>
internal sealed class RowOrder(string name, StoredTensor stored, Func<long, long> storedRow) : StoredTensor(name, stored.Type, stored.Shape)
{
    private readonly long columns = stored.Shape.Length == 1 ? 1 : stored.Shape[^1];

    public override void Read(long start, Span<float> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var (row, column) = Math.DivRem(start + done, columns);
            var length = (int)Math.Min(columns - column, destination.Length - done);
            stored.Read((storedRow(row) * columns) + column, destination.Slice(done, length));
            done += length;
        }
    }
}

/// <summary>A tensor under another name.</summary>
internal sealed class Renamed(string name, StoredTensor stored) : StoredTensor(name, stored.Type, stored.Shape)
{
    public override void Read(long start, Span<float> destination) => stored.Read(start, destination);
}

/// <summary>A norm that is stored as 1 + weight.</summary>
internal sealed class LessOne(string name, StoredTensor stored) : StoredTensor(name, stored.Type, stored.Shape)
{
    public override void Read(long start, Span<float> destination)
    {
        stored.Read(start, destination);
        TensorPrimitives.Subtract(destination, 1, destination);
    }
}

/// <summary>One matrix of a stack.</summary>
internal sealed class OneOfStack(string name, StoredTensor stack, int index) : StoredTensor(name, stack.Type, [.. stack.Shape.Skip(1)])
{
    public override void Read(long start, Span<float> destination) => stack.Read((index * Count) + start, destination);
}

/// <summary>A matrix turned over: GPT-2's checkpoints hold [in, out], GGUF files [out, in].</summary>
internal sealed class Transposed(string name, StoredTensor stored) : StoredTensor(name, stored.Type, [.. stored.Shape.Reverse()])
{
    private readonly Lazy<float[]> turned = new(() =>
    {
        var (rows, columns) = (checked((int)stored.Shape[0]), checked((int)stored.Shape[1]));
        var from = new float[checked(rows * columns)];
        stored.Read(0, from);
        var to = new float[from.Length];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++) to[(c * rows) + r] = from[(r * columns) + c];
        return to;
    });

    public override void Read(long start, Span<float> destination) => turned.Value.AsSpan(checked((int)start), destination.Length).CopyTo(destination);
}

/// <summary>The tensors of a GGUF file under their Hugging Face names.</summary>
internal sealed class GgufTensors(GgufFile file, IReadOnlyDictionary<string, StoredTensor> tensors) : TensorSource
{
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    public override void Dispose() => file.Dispose();
}
