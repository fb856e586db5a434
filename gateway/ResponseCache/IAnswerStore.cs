namespace Gateway.ResponseCache;

/// <summary>Where answers are kept. One that fails is one that has nothing: a call never fails for it.</summary>
internal interface IAnswerStore
{
    /// <summary>The answer to a question, if there is one.</summary>
    ValueTask<KeptAnswer?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>Keeps it for a time. Nobody waits for that.</summary>
    void Keep(string key, KeptAnswer answer, TimeSpan lasting);
}
