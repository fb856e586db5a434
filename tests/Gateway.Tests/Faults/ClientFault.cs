namespace Gateway.Tests.Faults;

/// <summary>One request that is wrong, or only unusual, and what it is answered with.</summary>
/// <param name="Name">What the client does, as a clause.</param>
/// <param name="Request">In bytes, a character each; the gateway closes the connection after its answer.</param>
/// <param name="Seen">The answer, as an <see cref="Outline"/> says it.</param>
/// <param name="Attempts">How many reach an upstream.</param>
internal sealed record ClientFault(string Name, string Request, string Seen, int Attempts = 0)
{
    /// <summary>How it is listed.</summary>
    public string Row => $"| {Name} | {Seen} | {Attempts} |";
}
