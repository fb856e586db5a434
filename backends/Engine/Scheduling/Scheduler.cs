using Gateway.Engine.Cache;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Scheduling;

/// <summary>
/// Who computes next. There are no phases: each step gives every sequence some of its tokens that are known but not computed, so that
/// prefill in pieces, decode, prefix reuse and coming back after preemption are the same arithmetic. No thread, no clock, no tensor.
/// </summary>
/// <remarks>After vLLM's v1 scheduler: one token budget, newest preempted first. One owner thread.</remarks>
public sealed class Scheduler
{
    private const int LookAhead = 32; // newcomers that may wait for a prefix in the making without blocking those behind them

    private readonly SchedulerOptions options;
    private readonly KvBlocks blocks;
    private readonly List<Sequence> running = []; // oldest first
    private readonly LinkedList<Sequence> waiting = [];
    private readonly Dictionary<BlockHash, Sequence> inTheMaking = []; // full prompt blocks that a running sequence is about to compute
    private readonly StepPlan plan = new();
    private int[] quotas = [];

    /// <param name="blocks">The cache's book-keeping.</param>
    /// <param name="options">Bounds of a step.</param>
    public Scheduler(KvBlocks blocks, SchedulerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxRunning, options.StepTokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRunning, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ScoringRows, 1);
        (this.blocks, this.options) = (blocks, options);
    }

    /// <summary>Sequences that own blocks, oldest first.</summary>
    public IReadOnlyList<Sequence> Running => running;

    /// <summary>Sequences that wait, preempted ones included.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Whether there is anything to compute.</summary>
    public bool HasWork => running.Count + waiting.Count > 0;

    /// <summary>A newcomer, behind all others.</summary>
    public void Add(Sequence sequence) => sequence.Waiting = waiting.AddLast(sequence);

    /// <summary>A sequence is over, or abandoned: its blocks are free at once. One that is not here is left alone.</summary>
    public void Remove(Sequence sequence)
    {
        if (sequence.Waiting is { } node)
        {
            waiting.Remove(node);
            sequence.Waiting = null;
        }
        else if (running.Remove(sequence))
        {
            Leave(sequence);
        }
    }

    /// <summary>Decides the next step. The plan is valid until the next call.</summary>
    public StepPlan Plan()
    {
        plan.Clear();
        StartAgain();
        var budget = Share();
        for (var i = 0; i < running.Count; i++)
        {
            var sequence = running[i];
            if (quotas[i] > 0 && MakeRoom(sequence, sequence.Computed + quotas[i])) AddSlice(sequence, quotas[i]);
        }

        // A newcomer would only be the next to be preempted.
        if (plan.PreemptedList.Count == 0) Admit(budget);
        return plan;
    }

    /// <summary>The plan was computed: advances its sequences and makes their full blocks findable. Sampled tokens are appended after this.</summary>
    public void Commit()
    {
        for (var i = 0; i < plan.SequenceList.Count; i++)
        {
            var sequence = plan.SequenceList[i];
            sequence.Computed += plan.SliceList[i].Tokens.Length;
            for (; sequence.Published < sequence.Computed / blocks.Size; sequence.Published++)
            {
                var name = sequence.NameOf(sequence.Published, blocks.Size, options.Scaling);
                blocks.Publish(sequence.Blocks.Span[sequence.Published], name);
                Made(sequence, name);
            }
        }
    }

    /// <summary>Sequences that grew past the length where the scaling of all their positions changes.</summary>
    private void StartAgain()
    {
        if (options.Scaling is not { Restarts: true } scaling) return;
        foreach (var sequence in running)
        {
            if (sequence.Known <= scaling.Past || sequence.Reach > scaling.Past) continue;
            Unmake(sequence);
            sequence.StartAgain(blocks);
        }
    }

    /// <summary>One token for each running sequence, so that nobody's decode waits for another's prompt; the rest to the oldest first.</summary>
    private int Share()
    {
        if (quotas.Length < running.Count) quotas = new int[Math.Max(running.Count, options.MaxRunning)];
        var budget = options.StepTokens - running.Count;
        for (var i = 0; i < running.Count; i++)
        {
            var more = Math.Min(Limit(running[i]) - 1, budget);
            quotas[i] = 1 + more;
            budget -= more;
        }

        return budget;
    }

    /// <summary>Most tokens of a sequence that one step may compute, budget aside.</summary>
    private int Limit(Sequence sequence)
    {
        var open = sequence.Known - sequence.Computed;
        return Scores(sequence) ? Math.Min(open, options.ScoringRows) : open;
    }

    private static bool Scores(Sequence sequence) => sequence.ScoresPrompt && sequence.Computed < sequence.PromptLength;

    /// <summary>Blocks for so many positions, at the cost of the newest; false when the sequence itself had to go.</summary>
    private bool MakeRoom(Sequence sequence, int positions)
    {
        var needed = blocks.BlocksFor(positions);
        while (sequence.Blocks.Length < needed)
        {
            if (blocks.TryTake(out var block))
            {
                sequence.AddBlock(block);
                continue;
            }

            var newest = running[^1];
            running.RemoveAt(running.Count - 1);
            Leave(newest);
            if (newest == sequence && running.Count == 0)
            {
                plan.OutOfSpaceList.Add(sequence);
                return false;
            }

            newest.Waiting = waiting.AddFirst(newest);
            plan.PreemptedList.Add(newest);
            if (newest == sequence) return false;
        }

        return true;
    }

    private void Admit(int budget)
    {
        var passed = 0;
        for (var node = waiting.First; node is not null && budget > 0 && running.Count < options.MaxRunning && passed < LookAhead;)
        {
            var following = node.Next;
            var sequence = node.Value;
            if (WaitsForPrefix(sequence))
            {
                passed++;
                node = following;
                continue;
            }

            if (!TryStart(sequence)) return;
            waiting.Remove(node);
            sequence.Waiting = null;
            running.Add(sequence);
            var tokens = Math.Min(Limit(sequence), budget);
            budget -= tokens;
            while (sequence.Blocks.Length < blocks.BlocksFor(sequence.Computed + tokens) && blocks.TryTake(out var block)) sequence.AddBlock(block);
            AddSlice(sequence, tokens);
            node = following;
        }
    }

    /// <summary>Whether a running sequence is about to compute the very block that this one would compute first.</summary>
    private bool WaitsForPrefix(Sequence sequence)
    {
        if (inTheMaking.Count == 0) return false;
        for (var i = 0; i < ReusableBlocks(sequence); i++)
        {
            var name = sequence.NameOf(i, blocks.Size, options.Scaling);
            if (blocks.Holds(name)) continue;
            return inTheMaking.ContainsKey(name);
        }

        return false;
    }

    /// <summary>Takes over the blocks of a prefix that is in the cache, if the whole of what is known then fits; else changes nothing.</summary>
    private bool TryStart(Sequence sequence)
    {
        var reusable = ReusableBlocks(sequence);
        for (var i = 0; i < reusable && blocks.TryShare(sequence.NameOf(i, blocks.Size, options.Scaling), out var block); i++) sequence.AddBlock(block);
        var found = sequence.Blocks.Length;
        if (blocks.BlocksFor(sequence.Known) - found > blocks.Free)
        {
            sequence.ReleaseBlocks(blocks);
            if (running.Count == 0 && blocks.Free == blocks.Count) OutOfSpace(sequence);
            return false;
        }

        (sequence.Computed, sequence.Published) = (found * blocks.Size, found);
        if (!sequence.Started) sequence.CachedTokens = sequence.Computed;
        sequence.Started = true;
        for (var i = found; i < sequence.PromptLength / blocks.Size; i++) inTheMaking.TryAdd(sequence.NameOf(i, blocks.Size, options.Scaling), sequence);
        return true;
    }

    /// <summary>Full blocks that may come from the cache: never the last known token, whose logits are wanted, nor a prompt still to be scored.</summary>
    private int ReusableBlocks(Sequence sequence) =>
        sequence.ScoresPrompt && sequence.ScoredPositions < sequence.PromptLength ? 0 : (sequence.Known - 1) / blocks.Size;

    private void OutOfSpace(Sequence sequence)
    {
        waiting.Remove(sequence.Waiting!);
        sequence.Waiting = null;
        plan.OutOfSpaceList.Add(sequence);
    }

    private void AddSlice(Sequence sequence, int tokens)
    {
        var last = sequence.Computed + tokens == sequence.Known;
        var rows = Scores(sequence) ? tokens : last ? 1 : 0;
        plan.SliceList.Add(new Slice(sequence.Id, sequence.Tokens.Slice(sequence.Computed, tokens), sequence.Computed, sequence.Blocks, rows, sequence.Reach));
        plan.SequenceList.Add(sequence);
        plan.LogitRows += rows;
        plan.Tokens += tokens;
    }

    private void Leave(Sequence sequence)
    {
        Unmake(sequence);
        sequence.ReleaseBlocks(blocks);
    }

    /// <summary>Blocks that others may be waiting for and that will not come.</summary>
    private void Unmake(Sequence sequence)
    {
        for (var i = sequence.Published; i < sequence.PromptLength / blocks.Size && i < sequence.Names.Count; i++) Made(sequence, sequence.Names[i]);
    }

    private void Made(Sequence sequence, BlockHash name)
    {
        if (inTheMaking.TryGetValue(name, out var maker) && maker == sequence) inTheMaking.Remove(name);
    }
}
