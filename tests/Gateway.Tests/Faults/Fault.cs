using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>One way in which an upstream fails a call, and all that is promised about it.</summary>
/// <param name="Name">What it does, as a clause.</param>
/// <param name="Script">What it does, in bytes; runs for each connection.</param>
/// <param name="Seen">What the client sees, as an <see cref="Outline"/> says it.</param>
/// <param name="Attempts">How many there are.</param>
/// <param name="Recorded">The reasons that are logged, one for each attempt; empty where there is nothing to say.</param>
internal sealed record Fault(string Name, Func<RawConnection, Task> Script, string Seen, int Attempts, string Recorded)
{
    /// <summary>What it does once the client has seen the first event.</summary>
    public Func<RawConnection, Task>? Later { get; init; }

    /// <summary>Whether the client asks for a stream.</summary>
    public bool Stream { get; init; }

    /// <summary>What the model's settings say besides one retry.</summary>
    public object Settings { get; init; } = new { };

    /// <summary>What the upstream's settings say besides its address.</summary>
    public object Upstream { get; init; } = new { };

    /// <summary>Where it is, if not where the script runs.</summary>
    public string? Address { get; init; }

    /// <summary>How it is listed.</summary>
    public string Row => $"| {Name} | {(Stream ? "stream" : "plain")} | {Seen} | {Attempts} | {(Recorded.Length == 0 ? "—" : Recorded)} |";

    /// <summary>Named in the list of tests.</summary>
    public override string ToString() => $"{Name} ({(Stream ? "stream" : "plain")})";
}
