using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>Runs the graph: copies the rows' past together as the graph wants it, and their new keys and values back to the pool. One thread.</summary>
internal sealed unsafe class DecoderSession(InferenceSession session, DecoderSignature signature) : IDisposable
{
    private readonly RunOptions runOptions = new();
    private readonly NativeMemoryBlock?[] staging = new NativeMemoryBlock?[signature.Cache.Length];
    private readonly ImmutableArray<string> inputNames =
        [.. new[] { signature.Tokens, signature.Mask, signature.Positions, signature.HasPast }.OfType<string>(), .. signature.Cache.Select(tensor => tensor.Past)];

    private readonly ImmutableArray<string> outputNames = [signature.Logits, .. signature.Cache.Select(tensor => tensor.Present)];

    /// <summary>One pass. Several rows only where they have one token each and the signature has a padding.</summary>
    /// <param name="pool">Where the rows' past is, and where their new keys and values go.</param>
    /// <param name="rows">At least one, all with equally many tokens.</param>
    /// <param name="before">The pass that these rows go on from, if its result is still there: it saves copying the past together.</param>
    public Pass Run(KvPool pool, IReadOnlyList<Row> rows, Pass? before)
    {
        var (batch, tokens, past) = (rows.Count, rows[0].Tokens.Length, rows.Max(row => row.Start));
        var inputs = new List<OrtValue>(inputNames.Length);
        try
        {
            inputs.Add(Matrix(batch, tokens, (row, i) => rows[row].Tokens.Span[i]));
            if (signature.Mask is not null) inputs.Add(Matrix(batch, past + tokens, (row, i) => IsSeen(rows[row], i, past) ? 1 : 0));
            if (signature.Positions is not null) inputs.Add(Matrix(batch, tokens, (row, i) => rows[row].Start + i));
            if (signature.HasPast is not null) inputs.Add(OrtValue.CreateTensorValueFromMemory(new[] { past > 0 }, [1]));
            var made = inputs.Count;
            for (var tensor = 0; tensor < signature.Cache.Length; tensor++) inputs.Add(before?.Present(tensor) ?? Gathered(pool, tensor, rows, past));
            var outputs = session.Run(runOptions, inputNames, inputs, outputNames);
            // What another pass owns, it disposes of.
            if (before is not null) inputs.RemoveRange(made, signature.Cache.Length);
            var pass = new Pass(rows, outputs);
            try
            {
                Check(pass, batch, tokens);
                for (var tensor = 0; tensor < signature.Cache.Length; tensor++) Keep(pool, tensor, rows, past, pass.Present(tensor));
                return pass;
            }
            catch
            {
                pass.Dispose();
                throw;
            }
        }
        finally
        {
            foreach (var input in inputs) input.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var block in staging) block?.Dispose();
        runOptions.Dispose();
        session.Dispose();
    }

    private bool IsSeen(Row row, int column, int past) => signature.Padding == Padding.Left ? column >= past - row.Start : column < row.End;

    /// <summary>Where a row's own positions begin in the padded past.</summary>
    private int Before(Row row, int past) => signature.Padding == Padding.Left ? past - row.Start : 0;

    private static OrtValue Matrix(int rows, int columns, Func<int, int, long> value)
    {
        var values = new long[rows * columns];
        for (var i = 0; i < values.Length; i++) values[i] = value(i / columns, i % columns);
        return OrtValue.CreateTensorValueFromMemory(values, [rows, columns]);
    }

    private OrtValue Gathered(KvPool pool, int tensor, IReadOnlyList<Row> rows, int past)
    {
        var cache = signature.Cache[tensor];
        // A sliding cache that has room for everything never slides: the window is then the attention's alone, as in every other layer.
        var length = cache.LeastRows == 0 ? past : Math.Max(cache.LeastRows, past + rows[0].Tokens.Length);
        var rowBytes = (long)cache.HeadSize * signature.CacheBytes;
        var headStride = length * rowBytes;
        var bytes = rows.Count * cache.Heads * headStride;
        var target = Stage(tensor, bytes);
        for (var row = 0; row < rows.Count; row++)
        {
            var start = target + (row * cache.Heads * headStride);
            var padding = Before(rows[row], past) * rowBytes;
            // Whatever an earlier pass left there is multiplied by a weight of zero, which an infinity would survive.
            for (var head = 0; head < cache.Heads; head++) new Span<byte>(start + (head * headStride), checked((int)padding)).Clear();
            pool.Gather(tensor, rows[row].Blocks.Span, rows[row].Start, start + padding, headStride);
        }

        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, signature.CacheType, [rows.Count, cache.Heads, length, cache.HeadSize], (nint)target, bytes);
    }

    private byte* Stage(int tensor, long bytes)
    {
        if (staging[tensor] is { } block && block.Bytes >= bytes) return block.Start;
        staging[tensor]?.Dispose();
        staging[tensor] = null;
        // Twice what is needed now, because a past grows by a row with every step.
        return (staging[tensor] = new NativeMemoryBlock(Math.Max(256, 2 * bytes))).Start;
    }

    private void Keep(KvPool pool, int tensor, IReadOnlyList<Row> rows, int past, OrtValue present)
    {
        var cache = signature.Cache[tensor];
        var info = present.GetTensorTypeAndShape();
        var shape = info.Shape;
        if (shape is not [var batch, var heads, var length, var size] || batch != rows.Count || heads != cache.Heads || size != cache.HeadSize || length < past + rows[0].Tokens.Length || info.ElementDataType != signature.CacheType)
            throw new InvalidDataException($"the output '{cache.Present}' is {info.ElementDataType} [{string.Join(", ", shape)}] after {rows.Count} rows of {rows[0].Tokens.Length} tokens onto {past}");
        var rowBytes = size * signature.CacheBytes;
        fixed (byte* start = present.GetTensorMutableRawData())
        {
            for (var row = 0; row < rows.Count; row++)
            {
                var first = start + ((((row * heads * length) + Before(rows[row], past) + rows[row].Start)) * rowBytes);
                pool.Scatter(tensor, rows[row].Blocks.Span, rows[row].Start, rows[row].Tokens.Length, first, length * rowBytes);
            }
        }
    }

    private static void Check(Pass pass, int batch, int tokens)
    {
        if (pass.Batch != batch || pass.Vocabulary <= 0 || (pass.Positions != tokens && pass.Positions != 1))
            throw new InvalidDataException($"the logits are [{pass.Batch}, {pass.Positions}, {pass.Vocabulary}] after {batch} rows of {tokens} tokens");
    }
}
