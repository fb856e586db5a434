using System.Collections.Immutable;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Keys;
using Gateway.Models;

namespace Gateway.Calls;

/// <summary>One client request on its way. One owner, but for hedges, which only add to <see cref="Attempts"/>.</summary>
public sealed class Call
{
    private readonly Lock gate = new();
    private ImmutableArray<AttemptRecord> attempts = [];

    /// <summary>Its own, unlike the id that a client may have given it; sorts by time.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its header <c>x-request-id</c>.</summary>
    public required string RequestId { get; init; }

    /// <summary>Who sent it.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The client's request, and its answer.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>What it sent.</summary>
    public required RequestBody Body { get; init; }

    /// <summary>The route as we spell it, such as <c>/v1/chat/completions</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The model that was asked for, by its published name.</summary>
    public required PublishedModel Model { get; init; }

    /// <summary>The name that the caller used.</summary>
    public required string AskedName { get; init; }

    /// <summary>Settings when it came; a reload does not change them under it.</summary>
    public required GatewaySnapshot Snapshot { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>When it came, as a timestamp.</summary>
    public required long Began { get; init; }

    /// <summary>The client's own, if it has one.</summary>
    public required ClientDeadline? Deadline { get; init; }

    /// <summary>Cancelled when the program stops and cannot wait for it any longer.</summary>
    public CancellationToken Farewell { get; init; }

    /// <summary>Tokens of its prompt and of its longest answers, estimated.</summary>
    public long Tokens => Body.PromptTokens + (Body.Choices * Math.Min(Body.MaxTokens ?? Snapshot.Options.Limits.TokensReservedByDefault, 1_000_000));

    /// <summary>Where its conversation begins; 0 unless routing wants to know.</summary>
    public ulong Prefix { get; init; }

    /// <summary>The model that answers: a fallback, once one was needed.</summary>
    public required PublishedModel Answering { get; set; }

    /// <summary>Its name: a pattern's models have the names that they are asked for by.</summary>
    public required string AnsweringName { get; set; }

    /// <summary>Who was asked last; null before.</summary>
    public string? Upstream { get; set; }

    /// <summary>How it ended, once it has.</summary>
    public (string Outcome, int Status)? Ended { get; set; }

    /// <summary>Sees the answer pass; null where nobody wants to.</summary>
    internal IAnswerObserver? Observer { get; set; }

    /// <summary>What was tried, in the order of the ends.</summary>
    public ImmutableArray<AttemptRecord> Attempts
    {
        get { lock (gate) return attempts; }
    }

    /// <summary>How many were begun.</summary>
    public int Begun { get; set; }

    /// <summary>What the answer took.</summary>
    public CallUsage Usage { get; } = new();

    /// <summary>Writes an attempt down.</summary>
    public void Add(AttemptRecord attempt)
    {
        lock (gate) attempts = attempts.Add(attempt);
    }
}
