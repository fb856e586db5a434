using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults.Signals;

/// <summary>How far a call is when the gateway gets a signal, and what becomes of it.</summary>
/// <param name="Name">What it waits for, as a clause.</param>
/// <param name="First">What its upstream has sent by then.</param>
/// <param name="Then">What it sends once the call may go on.</param>
/// <param name="InTime">What the client sees where the gateway was told to stop and the call went on.</param>
/// <param name="Late">What it sees where the call did not go on until <c>ShutdownTimeout</c>.</param>
/// <param name="Recorded">The reasons that are logged then.</param>
/// <param name="Killed">What it sees where the gateway was killed.</param>
internal sealed record Stage(string Name, string First, string Then, string InTime, string Late, string Recorded, string Killed)
{
    private const string Refused = "503 shutting_down";
    private static readonly string Later = Plain("{}", "429 Too Many Requests", "retry-after-ms: 4000\r\n");

    /// <summary>Whether the client asks for a stream.</summary>
    public bool Stream { get; init; }

    /// <summary>Whether the client has sent half of its body only.</summary>
    public bool HalfBody { get; init; }

    /// <summary>Whether the client has seen an event.</summary>
    public bool Seen { get; init; }

    /// <summary>Whether its upstream is asked again.</summary>
    public bool Again { get; init; }

    /// <summary>How it is listed.</summary>
    public string Row => $"| {Name} | {InTime} | {Late} | {(Recorded.Length == 0 ? "—" : Recorded)} | {Killed} |";

    public static IReadOnlyList<Stage> All { get; } =
    [
        new("its body is read", "", Plain(Answer), "200 whole", Refused, "", "closed") { HalfBody = true },
        new("the upstream has not answered", "", Plain(Answer), "200 whole", Refused, "shutting_down", "closed"),
        new("a plain answer is under way", Plain(Answer)[..^20], Answer[^20..], "200 whole", Refused, "shutting_down", "closed"),
        new("a stream has no event yet", StreamHead, Chunk + Last + Done, "200 data ×2, [DONE]", Refused, "shutting_down", "closed") { Stream = true },
        new("a stream is under way", StreamHead + Chunk, Last + Done, "200 data ×2, [DONE]", "200 data, error shutting_down", "shutting_down", "200 data, cut") { Stream = true, Seen = true },
        new("a retry waits", Later, Plain(Answer), "200 whole", Refused, "http_429", "closed") { Again = true },
    ];
}
