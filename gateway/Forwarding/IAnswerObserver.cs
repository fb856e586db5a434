namespace Gateway.Forwarding;

/// <summary>
/// Sees one call's good answer pass, and can neither change nor delay it: nothing here waits or throws. What is called last before the
/// client can see the end is <see cref="Plain"/> or <see cref="End"/>; an answer that failed, was cut or was left gets neither.
/// </summary>
internal interface IAnswerObserver
{
    /// <summary>A further attempt begins; what came before it is void.</summary>
    void Begin();

    /// <summary>One event of a stream, without the blank line that ends it, as it passes.</summary>
    void Event(ReadOnlyMemory<byte> text);

    /// <summary>The stream came to its good end.</summary>
    void End();

    /// <summary>A whole plain answer of status 200.</summary>
    void Plain(ReadOnlyMemory<byte> body);
}
