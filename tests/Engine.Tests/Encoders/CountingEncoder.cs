using System.Collections.Concurrent;
using Gateway.Engine.Encoders;

namespace Gateway.Engine.Tests.Encoders;

/// <summary>A network of two dimensions whose state is (token, position). It can be held in the middle of a step, and can fail.</summary>
internal sealed class CountingEncoder : IEncoderRunner
{
    public EncoderShape Shape { get; } = new(1000, 2, 64);

    /// <summary>The steps so far, each with the first tokens of its texts.</summary>
    public ConcurrentQueue<int[]> Steps { get; } = new();

    /// <summary>When set, a step waits for a permit.</summary>
    public SemaphoreSlim? Gate { get; set; }

    /// <summary>Released when a step begins.</summary>
    public SemaphoreSlim Begun { get; } = new(0);

    /// <summary>A token that makes a step throw, and one that makes its result not a number.</summary>
    public const int Throws = 666, NotANumber = 667;

    public bool Disposed { get; private set; }

    public void Forward(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, Span<float> hidden)
    {
        Steps.Enqueue([.. inputs.Select(input => input.Tokens.Span[0])]);
        Begun.Release();
        Gate?.Wait();
        var at = 0;
        foreach (var input in inputs)
        {
            for (var i = 0; i < input.Tokens.Length; i++)
            {
                var token = input.Tokens.Span[i];
                if (token == Throws) throw new InvalidOperationException("scripted");
                if ((rows == EncodedRows.First && i > 0) || (rows == EncodedRows.Last && i < input.Tokens.Length - 1)) continue;
                hidden[at++] = token == NotANumber ? float.NaN : token;
                hidden[at++] = i;
            }
        }

        hidden.Length.ShouldBe(at);
    }

    public void Dispose() => Disposed = true;
}
