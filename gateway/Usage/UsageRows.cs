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
    public static UsageRow Over(Call call, (string Outcome, int Status) end)
    {
        AttemptRecord? answered = null;
        var attempts = call.Attempts;
        foreach (var attempt in attempts)
            if (attempt.Committed || answered is null or { Committed: false }) answered = attempt;
        var row = Of(call, Settlement.Of(call));
        return row with
        {
            Upstream = answered?.Upstream ?? call.Upstream,
            Outcome = end.Outcome,
            Status = end.Status,
            FirstTokenMs = answered is { Committed: true, FirstToken: { } first } ? (long)(call.Time.GetElapsedTime(call.Began, answered.Began) + first).TotalMilliseconds : null,
            Stage = UsageStages.Over,
        };
    }

    /// <summary>Of one that runs, with what it has used so far.</summary>
    public static UsageRow Running(Call call, string owner) => Of(call, Settlement.SoFar(call)) with { Owner = owner };

    /// <summary>When a call came, by its id.</summary>
    public static long TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16;
    }

    private static UsageRow Of(Call call, Settlement used) => new()
    {
        Id = call.Id.ToString("N"),
        Began = TimeOf(call.Id),
        KeyId = Text(call.Caller.Id),
        KeyName = Text(call.Caller.Name),
        Team = call.Caller.Team is { } team ? Text(team) : null,
        Model = Text(call.Model.IsPattern ? call.AskedName : call.Model.Name),
        AnsweredModel = Text(call.AnsweringName),
        Upstream = call.Upstream,
        Operation = Operations.Of(call.Path),
        Stream = call.Body.Stream ? 1 : 0,
        Outcome = UsageOutcomes.Running,
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
