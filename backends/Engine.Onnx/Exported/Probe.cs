using System.Numerics.Tensors;
using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>
/// Finds out what a graph can do by running it a few times: exporters differ, and neither names nor shapes tell whether a cache may be
/// continued by several tokens, or whether padding is honoured.
/// </summary>
internal static class Probe
{
    private const int BlockSize = 8;
    private static readonly int[] Long = [3, 1, 4, 1, 5];
    private static readonly int[] Short = [2, 7];

    /// <exception cref="ModelFolderException">The graph cannot be run, or does not continue its own cache.</exception>
    public static Abilities Run(DecoderSession session, ExportedFolder folder)
    {
        var signature = folder.Signature;
        using var pool = new KvPool(signature, blockCount: 2, BlockSize);
        var tolerance = folder.Graph.ScalesAcrossRows ? 0.5 : signature.CacheType == TensorElementType.Float16 || signature.LogitsType == TensorElementType.Float16 ? 2e-2 : 1e-3;
        var notes = new List<string>();
        try
        {
            var (whole, vocabulary, positions) = Compute(1, Long, 0);
            if (!Near(TwoParts(Long.Length - 1), whole)) throw new ModelFolderException(folder.GraphPath, "gives other logits with its cache than without: the cache does not hold what was computed");
            var continues = Try(() => TwoParts(2), whole) is not { } reason || Note($"prompts after their first piece, and after a reused prefix, are computed token by token: {reason}");
            var batches = CanBatch(folder, notes) && (Try(Together, whole) is not { } why || Note($"sequences are computed one after the other: {why}"));
            if (folder.Graph.ScalesAcrossRows) notes.Add("activations share one scale in each pass, so a prompt in pieces or after a reused prefix is rounded differently from the same prompt in one");
            if (positions == 1) notes.Add("only the last position of a pass has logits, so scoring a prompt (echo with logprobs) goes token by token");
            if (folder.IgnoredWindow is { } window) notes.Add($"the configuration names a window of {window}, but the graph's attention sees everything: beyond {window} tokens answers are the graph's, not the original model's");
            return new Abilities(vocabulary, batches, continues, positions == 1, notes);
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException or OverflowException)
        {
            throw new ModelFolderException(folder.GraphPath, $"fails on a prompt of five tokens: {e.Message}", e);
        }

        bool Note(string note)
        {
            notes.Add(note);
            return false;
        }

        float[] TwoParts(int first)
        {
            Compute(1, Long.AsMemory(0, first), 0);
            return Compute(1, Long.AsMemory(first), first).Logits;
        }

        // The long row's last token beside the short row's: the long one is compared, and so is the short one with itself alone.
        float[] Together()
        {
            Compute(1, Long.AsMemory(0, Long.Length - 1), 0);
            Compute(2, Short.AsMemory(0, 1), 0);
            var alone = Compute(2, Short.AsMemory(1), 1).Logits;
            using var pass = session.Run(pool, [RowOf(1, Long.AsMemory(Long.Length - 1), Long.Length - 1), RowOf(2, Short.AsMemory(1), 1)], null);
            if (!Near(Last(pass, 1), alone)) throw new InvalidDataException("a row beside a longer one gives other logits than alone");
            return Last(pass, 0);
        }

        (float[] Logits, int Vocabulary, int Positions) Compute(long sequence, ReadOnlyMemory<int> tokens, int start)
        {
            using var pass = session.Run(pool, [RowOf(sequence, tokens, start)], null);
            return (Last(pass, 0), pass.Vocabulary, pass.Positions);
        }

        string? Try(Func<float[]> compute, float[] expected)
        {
            try
            {
                return Near(compute(), expected) ? null : "the graph gives other logits that way";
            }
            catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException)
            {
                return e.Message.ReplaceLineEndings(" ");
            }
        }

        bool Near(float[] found, float[] expected)
        {
            var difference = new float[expected.Length];
            TensorPrimitives.Subtract(found, expected, difference);
            return TensorPrimitives.MaxMagnitude<float>(difference) is var most && Math.Abs(most) <= tolerance * (TensorPrimitives.Max<float>(expected) - TensorPrimitives.Min<float>(expected));
        }
    }

    private static bool CanBatch(ExportedFolder folder, List<string> notes)
    {
        if (folder.Signature.Padding == Padding.None)
            notes.Add("sequences are computed one after the other: the graph takes no positions, so rows of different length cannot share a pass");
        else if (folder.Graph.ScalesAcrossRows)
            notes.Add("sequences are computed one after the other: activations share one scale in each pass, so a row's answer would depend on the others");
        else
            return true;
        return false;
    }

    private static Row RowOf(long sequence, ReadOnlyMemory<int> tokens, int start) => new(sequence, tokens, start, new[] { (int)sequence - 1 });

    private static float[] Last(Pass pass, int row)
    {
        var logits = new float[pass.Vocabulary];
        pass.CopyLast(row, 1, logits);
        return logits;
    }
}
