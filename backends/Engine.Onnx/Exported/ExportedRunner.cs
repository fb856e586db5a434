using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>
/// A decoder that somebody else exported to ONNX. Keys and values live in our blocks, so prefixes, preemption and batching work as with every
/// other runner. Decode rows of a step share passes where the graph allows it; stretches of several tokens have a pass each.
/// </summary>
public sealed class ExportedRunner : IModelRunner
{
    private readonly DecoderSession session;
    private readonly KvPool pool;
    private readonly Abilities abilities;
    private readonly bool carries;
    private List<Pass> last = [];

    private ExportedRunner(DecoderSession session, KvPool pool, Abilities abilities, bool carries, RunnerShape shape) =>
        (this.session, this.pool, this.abilities, this.carries, Shape) = (session, pool, abilities, carries, shape);

    /// <inheritdoc/>
    public RunnerShape Shape { get; }

    /// <summary>The graph's file.</summary>
    public required string GraphPath { get; init; }

    /// <summary>What the graph cannot do and what that costs, a sentence each; for the log.</summary>
    public IReadOnlyList<string> Notes => abilities.Notes;

    /// <summary>Passes that took their past from the pass before, of all; for tests and measurements.</summary>
    internal (int Carried, int All) Passes { get; private set; }

    /// <summary>Loads the folder's graph; the folder may be closed afterwards.</summary>
    /// <exception cref="ModelFolderException">The folder holds no graph that can be served, or an option cannot be met.</exception>
    public static ExportedRunner Load(ModelFolder folder, OnnxOptions options)
    {
        var exported = ExportedFolder.Read(folder, options.Weights);
        if (options.ContextLength > exported.ContextLength)
            throw new ModelFolderException(folder.Path, $"a context of {options.ContextLength} is more than the {exported.ContextLength} that the model was made for");
        var context = options.ContextLength ?? exported.ContextLength;
        var session = new DecoderSession(ExportedSession.Open(exported.GraphPath, options), exported.Signature);
        try
        {
            var abilities = Probe.Run(session, exported);
            var blocks = options.BlockCount ?? BlocksFor(exported.Signature, options, context);
            var shape = new RunnerShape(abilities.Vocabulary, (int)Math.Min(context, (long)blocks * options.BlockSize), options.BlockSize, blocks);
            // A sliding cache must have room for the next token as well, which the last pass did not leave.
            var carries = exported.Signature.Cache.All(tensor => tensor.LeastRows == 0);
            return new ExportedRunner(session, new KvPool(exported.Signature, blocks, options.BlockSize), abilities, carries, shape) { GraphPath = exported.GraphPath };
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        var firstLogits = new int[slices.Count];
        for (var i = 1; i < slices.Count; i++) firstLogits[i] = firstLogits[i - 1] + (slices[i - 1].LogitRows * Shape.Vocabulary);
        var passes = new List<Pass>();
        try
        {
            foreach (var group in Groups(slices))
            {
                if (group.Length > 1 || slices[group[0]].Tokens.Length == 1) passes.Add(Together(slices, group, firstLogits, logits));
                else passes.Add(Alone(slices[group[0]], logits[firstLogits[group[0]]..]));
            }
        }
        finally
        {
            foreach (var pass in last) pass.Dispose();
            last = passes;
            if (!carries) Forget(_ => true);
        }
    }

    /// <inheritdoc/>
    public void Release(long sequence) => Forget(pass => pass.Holds(sequence));

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget(_ => true);
        session.Dispose();
        pool.Dispose();
    }

    private void Forget(Predicate<Pass> which) => last.RemoveAll(pass =>
    {
        if (!which(pass)) return false;
        pass.Dispose();
        return true;
    });

    /// <summary>Slices that share a pass: decode rows of about the same length, the longest first; every other slice for itself.</summary>
    private List<int[]> Groups(IReadOnlyList<Slice> slices)
    {
        var groups = new List<int[]>();
        var decode = new List<int>();
        for (var i = 0; i < slices.Count; i++)
        {
            if (slices[i].Tokens.Length == 1 && abilities.Batches) decode.Add(i);
            else groups.Add([i]);
        }

        // By sequence where lengths are equal, so that the same rows meet in the same order at the next step.
        decode.Sort((a, b) => slices[b].Start != slices[a].Start ? slices[b].Start.CompareTo(slices[a].Start) : slices[a].Sequence.CompareTo(slices[b].Sequence));
        var group = new List<int>();
        var sum = 0L;
        foreach (var i in decode)
        {
            // Padding at most doubles what is copied and attended to; short rows are cheap in any company.
            if (group.Count > 0 && (group.Count + 1L) * slices[group[0]].Start > (2 * (sum + slices[i].Start)) + 1024)
            {
                groups.Add([.. group]);
                group.Clear();
                sum = 0;
            }

            group.Add(i);
            sum += slices[i].Start;
        }

        if (group.Count > 0) groups.Add([.. group]);
        return groups;
    }

    private Pass Together(IReadOnlyList<Slice> slices, int[] group, int[] firstLogits, Span<float> logits)
    {
        var pass = Run([.. group.Select(i => new Row(slices[i].Sequence, slices[i].Tokens, slices[i].Start, slices[i].Blocks))], null);
        for (var row = 0; row < group.Length; row++)
            if (slices[group[row]].LogitRows > 0) pass.CopyLast(row, 1, logits[firstLogits[group[row]]..]);
        return pass;
    }

    /// <summary>One slice in as few passes as the graph allows.</summary>
    private Pass Alone(Slice slice, Span<float> logits)
    {
        Pass? pass = null;
        for (var done = 0; done < slice.Tokens.Length;)
        {
            var left = slice.Tokens.Length - done;
            // Positions that want logits of their own end a pass where a pass has logits for its last position only.
            var count = slice.Start + done > 0 && !abilities.Continues ? 1 : abilities.LastLogitsOnly && slice.LogitRows > 1 ? Math.Max(1, left - slice.LogitRows + 1) : left;
            var before = pass;
            pass = Run([new Row(slice.Sequence, slice.Tokens.Slice(done, count), slice.Start + done, slice.Blocks)], before);
            before?.Dispose();
            done += count;
            // Rows of this pass that are among the last LogitRows of the slice.
            var wanted = Math.Min(count, slice.LogitRows - (slice.Tokens.Length - done));
            if (wanted > 0) pass.CopyLast(0, wanted, logits[((slice.LogitRows - (slice.Tokens.Length - done) - wanted) * Shape.Vocabulary)..]);
        }

        return pass!;
    }

    private Pass Run(Row[] rows, Pass? before)
    {
        if (carries) before ??= last.Find(pass => pass.IsContinuedBy(rows));
        else before = null;
        Passes = (Passes.Carried + (before is null ? 0 : 1), Passes.All + 1);
        return session.Run(pool, rows, before);
    }

    /// <summary>What the memory holds, but no less than one sequence of full length and no more than a hundred.</summary>
    private static int BlocksFor(DecoderSignature signature, OnnxOptions options, int context)
    {
        var one = (context + options.BlockSize - 1) / options.BlockSize;
        return (int)Math.Clamp(options.CacheBytes / KvPool.BytesOfBlock(signature, options.BlockSize), one, Math.Min(100L * one, int.MaxValue));
    }
}
