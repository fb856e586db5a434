namespace Gateway.Pulling;

/// <summary>Something that may pass: a cut connection, a busy hub.</summary>
/// <param name="message">For people, should it not pass.</param>
/// <param name="retryAfter">How long the hub asks to wait.</param>
internal sealed class PassingException(string message, TimeSpan? retryAfter = null) : Exception(message)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
