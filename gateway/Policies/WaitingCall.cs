namespace Gateway.Policies;

/// <summary>A call that waits for a place, as it stood when somebody looked.</summary>
/// <param name="Ask">Whose it is, and what it wants.</param>
/// <param name="Priority">Higher ones go first.</param>
/// <param name="Since">When it came, as a timestamp.</param>
/// <param name="KeyIsFull">Whether its key has as many places as it may; its team where not.</param>
internal sealed record WaitingCall(Ask Ask, int Priority, long Since, bool KeyIsFull);
