using Gateway.Engine.Runner;

namespace Gateway.Engine.Scheduling;

/// <summary>What one step computes. The lists are reused by the next plan.</summary>
public sealed class StepPlan
{
    internal List<Slice> SliceList { get; } = [];

    internal List<Sequence> SequenceList { get; } = [];

    internal List<Sequence> PreemptedList { get; } = [];

    internal List<Sequence> OutOfSpaceList { get; } = [];

    /// <summary>The slices, one for each of <see cref="Sequences"/>.</summary>
    public IReadOnlyList<Slice> Slices => SliceList;

    /// <summary>The sequences that take part.</summary>
    public IReadOnlyList<Sequence> Sequences => SequenceList;

    /// <summary>Sequences that lost their blocks and wait again.</summary>
    public IReadOnlyList<Sequence> Preempted => PreemptedList;

    /// <summary>Sequences that the whole cache cannot hold any longer; they are out of the scheduler and end with what they have.</summary>
    public IReadOnlyList<Sequence> OutOfSpace => OutOfSpaceList;

    /// <summary>Rows of logits of all slices.</summary>
    public int LogitRows { get; internal set; }

    /// <summary>Tokens of all slices.</summary>
    public int Tokens { get; internal set; }

    internal void Clear()
    {
        SliceList.Clear();
        SequenceList.Clear();
        PreemptedList.Clear();
        OutOfSpaceList.Clear();
        (LogitRows, Tokens) = (0, 0);
    }
}
