using Gateway.Engine.Runner;

namespace Gateway.Worker.Tests;

/// <summary>A network whose likeliest next token is always the last one plus one: what a sequence says tells who it is.</summary>
internal sealed class SuccessorRunner(int vocabulary, int context) : IModelRunner
{
    public RunnerShape Shape { get; } = new(vocabulary, context, BlockSize: 4, BlockCount: 4 * context);

    /// <summary>Called before each step with the number of those before it.</summary>
    public Action<int>? BeforeStep { get; set; }

    private int Steps { get; set; }

    public void Forward(IReadOnlyList<Slice> slices, Span<float> logits)
    {
        BeforeStep?.Invoke(Steps++);
        logits.Clear();
        var row = 0;
        foreach (var slice in slices)
        {
            for (var i = slice.Tokens.Length - slice.LogitRows; i < slice.Tokens.Length; i++)
                logits[(row++ * vocabulary) + ((slice.Tokens.Span[i] + 1) % vocabulary)] = 20;
        }
    }

    public void Release(long sequence)
    {
    }

    public void Dispose()
    {
    }
}
