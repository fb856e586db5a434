namespace Gateway.Engine.Encoders;

/// <summary>
/// One forward pass of a network that reads whole texts: all that an engine technology must supply for embeddings and reranking. Pooling and
/// heads are shared code over its result. Called from one thread only, the engine's.
/// </summary>
public interface IEncoderRunner : IDisposable
{
    /// <summary>Sizes that never change while the model is loaded.</summary>
    EncoderShape Shape { get; }

    /// <summary>
    /// Computes the last hidden states (after the final norm where there is one). A text's rows do not depend on which others share the
    /// pass, beyond rounding.
    /// </summary>
    /// <param name="inputs">At least one text; none is empty or longer than the context. Those of equal length stand together.</param>
    /// <param name="rows">Which rows of each text are wanted.</param>
    /// <param name="hidden">[rows, hidden], row major: every token's row of the first text, then of the next; or one row a text.</param>
    void Forward(IReadOnlyList<EncoderInput> inputs, EncodedRows rows, Span<float> hidden);
}

/// <summary>Sizes of an encoder.</summary>
/// <param name="Vocabulary">Token ids are below it.</param>
/// <param name="Hidden">Width of a hidden state.</param>
/// <param name="ContextLength">Most tokens of one text.</param>
public sealed record EncoderShape(int Vocabulary, int Hidden, int ContextLength)
{
    /// <summary>
    /// Tokens of a step that keep the device busy. On a processor a few hundred do, and fewer mean that a short call waits less for the step
    /// that is under way.
    /// </summary>
    public int StepTokens { get; init; } = 512;
}

/// <summary>One text, or a pair joined into one, as tokens with their frame.</summary>
/// <param name="Tokens">Ids, at least one.</param>
/// <param name="TokenTypes">A type for each token, or empty for all 0.</param>
/// <param name="PromptTokens">How many tokens at the start pooling leaves out.</param>
public readonly record struct EncoderInput(ReadOnlyMemory<int> Tokens, ReadOnlyMemory<int> TokenTypes = default, int PromptTokens = 0);

/// <summary>Rows of a text's hidden states that a readout needs.</summary>
public enum EncodedRows
{
    /// <summary>Every token's.</summary>
    All,

    /// <summary>The first token's.</summary>
    First,

    /// <summary>The last token's.</summary>
    Last,
}
