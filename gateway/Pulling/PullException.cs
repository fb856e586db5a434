namespace Gateway.Pulling;

/// <summary>A pull cannot go on; the message is for people.</summary>
public sealed class PullException(string message) : Exception(message);
