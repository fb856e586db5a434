using System.Buffers.Binary;
using System.Text;
using Gateway.Calls;
using Gateway.Forwarding;
using Gateway.Policies;
using Gateway.Telemetry;

namespace Gateway.Usage;

/// <summary>What is written down of a call. Budgets count the same tokens and the same money.</summary>
internal static class UsageRows
{
    private const int MaxText = 256;

    /// <summary>Of one that is over.</summary>
    public static UsageRow Over(Call call, Settlement used, (string Outcome, int Status) end)
    {
        AttemptRecord? answered = null;
        foreach (var attempt in call.Attempts)
            if (attempt.Committed || answered is null or { Committed: false }) answered = attempt;
        var first = answered is { Committed: true, FirstToken: { } token } ? (long?)(call.Time.GetElapsedTime(call.Began, answered.Began) + token).TotalMilliseconds : null;
        return Of(call, used, answered?.Upstream ?? call.Upstream, end, UsageStages.Over, null, first);
    }

    /// <summary>Of one that runs, with what it has used so far.</summary>
    public static UsageRow Running(Call call, string owner) => Of(call, Settlement.SoFar(call), call.Upstream, (UsageOutcomes.Running, 0), UsageStages.Running, owner, null);

    /// <summary>When a call came, by its id.</summary>
    public static long TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16;
    }

    private static UsageRow Of(Call call, Settlement used, string? upstream, (string Outcome, int Status) end, long stage, string? owner, long? firstTokenMs) => new()
    {
        Id = call.Id.ToString("N"),
        Began = TimeOf(call.Id),
        KeyId = Text(call.Caller.Id),
        KeyName = Text(call.Caller.Name),
        Team = call.Caller.Team is { } team ? Text(team) : null,
        Model = Text(call.Model.IsPattern ? call.AskedName : call.Model.Name),
        AnsweredModel = Text(call.AnsweringName),
        Upstream = upstream,
        Operation = Operations.Of(call.Path),
        Stream = call.Body.Stream ? 1 : 0,
        Outcome = end.Outcome,
        Status = end.Status,
        FirstTokenMs = firstTokenMs,
        Stage = stage,
        Owner = owner,
        PromptTokens = used.Prompt,
        CachedTokens = used.Cached,
        CompletionTokens = used.Made,
        ReasoningTokens = used.Reasoning,
        Estimated = used.IsEstimated ? 1 : 0,
        Cost = Money.Units(used.Cost),
        Attempts = call.Begun,
        DurationMs = (long)call.Time.GetElapsedTime(call.Began).TotalMilliseconds,
        RequestId = call.RequestId,
    };

    // A name may be whatever a client asked a pattern for, and one that a database refuses would keep all others from it.
    private static string Text(string text)
    {
        if (text.Length <= MaxText && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0) return text;
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxText) break;
            clean.Append(Rune.IsControl(rune) ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return clean.ToString();
    }
}
