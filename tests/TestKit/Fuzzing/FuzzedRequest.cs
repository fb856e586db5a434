namespace Gateway.TestKit.Fuzzing;

/// <summary>A request that was bent out of shape.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="Body">What is sent, which need not be JSON.</param>
/// <param name="How">What was done to it; for failure messages.</param>
public sealed record FuzzedRequest(string Path, byte[] Body, string How);
