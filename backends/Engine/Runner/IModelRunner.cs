namespace Gateway.Engine.Runner;

/// <summary>
/// One forward pass of a network: all that an engine technology must supply. Called from one thread only, the engine's.
/// A technology that is just a network implements this and gets batching, caching and sampling for nothing.
/// </summary>
public interface IModelRunner : IDisposable
{
    /// <summary>Sizes that never change while the model is loaded.</summary>
    RunnerShape Shape { get; }

    /// <summary>
    /// Computes the slices in one pass, writes their keys and values into the cache, and fills <paramref name="logits"/> with one row of
    /// <see cref="RunnerShape.Vocabulary"/> values for each of the last <see cref="Slice.LogitRows"/> tokens of each slice, in order.
    /// A slice's rows do not depend on which other slices share the pass, beyond rounding.
    /// </summary>
    /// <param name="slices">At most one slice of a sequence.</param>
    /// <param name="logits">[sum of LogitRows, vocabulary], row major.</param>
    void Forward(IReadOnlyList<Slice> slices, Span<float> logits);

    /// <summary>The sequence is over or was preempted: forget whatever is kept for it beyond its blocks.</summary>
    void Release(long sequence);
}

/// <summary>Sizes of a runner.</summary>
/// <param name="Vocabulary">Width of a row of logits.</param>
/// <param name="ContextLength">Most positions of one sequence.</param>
/// <param name="BlockSize">Cache positions in a block.</param>
/// <param name="BlockCount">Blocks in the cache, ids 0 to count − 1.</param>
/// <param name="Scaling">Set where keys depend on how long their sequence is.</param>
public sealed record RunnerShape(int Vocabulary, int ContextLength, int BlockSize, int BlockCount, LengthScaling? Scaling = null);

/// <summary>Rotary scalings that go by the length of the sequence (dynamic NTK, longrope): its cached keys are another sequence's only if both lengths scale alike.</summary>
/// <param name="Past">Nothing is scaled up to this length.</param>
/// <param name="Restarts">Whether a sequence that grows past it is computed again from its start, because all its positions scale differently then.</param>
public sealed record LengthScaling(int Past, bool Restarts);

/// <summary>A stretch of one sequence to compute in this step.</summary>
/// <param name="Sequence">Id of the sequence, unique while it lives.</param>
/// <param name="Tokens">The tokens to compute.</param>
/// <param name="Start">Position of the first of them; everything before it is in the cache.</param>
/// <param name="Blocks">The sequence's cache blocks in order, covering at least Start + Tokens.Length positions.</param>
/// <param name="LogitRows">How many of the last tokens want a row of logits: 0, 1, or more for scoring a prompt.</param>
/// <param name="Reach">Length by which its positions are scaled (<see cref="LengthScaling"/>); a position beyond it goes by its own.</param>
public readonly record struct Slice(long Sequence, ReadOnlyMemory<int> Tokens, int Start, ReadOnlyMemory<int> Blocks, int LogitRows, int Reach = 0);
