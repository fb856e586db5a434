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

    /// <summary>One to write on.</summary>
    public static UsageRow Blank() => new() { Id = "", KeyId = "", KeyName = "", Model = "", AnsweredModel = "", Operation = "", Outcome = "", RequestId = "" };

    /// <summary>Lets go of what is its call's alone, which would live as long as the row.</summary>
    public static void Clear(UsageRow row) => (row.Id, row.RequestId, row.Model, row.AnsweredModel) = ("", "", "", "");

    /// <summary>Of one that is over, on a row that was another call's or nobody's.</summary>
    public static UsageRow Over(UsageRow row, Call call, Settlement used, (string Outcome, int Status) end)
    {
        AttemptRecord? answered = null;
        foreach (var attempt in call.Attempts)
            if (attempt.Committed || answered is null or { Committed: false }) answered = attempt;
        var first = answered is { Committed: true, FirstToken: { } token } ? (long?)(call.Time.GetElapsedTime(call.Began, answered.Began) + token).TotalMilliseconds : null;
        return Write(row, call, used, answered?.Upstream ?? call.Upstream, end, UsageStages.Over, null, first);
    }

    /// <summary>Of one that runs, with what it has used so far.</summary>
    public static UsageRow Running(Call call, string owner) => Write(Blank(), call, Settlement.SoFar(call), call.Upstream, (UsageOutcomes.Running, 0), UsageStages.Running, owner, null);

    /// <summary>When a call came, by its id.</summary>
    public static long TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16;
    }

    private static UsageRow Write(UsageRow row, Call call, Settlement used, string? upstream, (string Outcome, int Status) end, long stage, string? owner, long? firstTokenMs)
    {
        row.Id = call.Id.ToString("N");
        row.Began = TimeOf(call.Id);
        row.KeyId = Text(call.Caller.Id);
        row.KeyName = Text(call.Caller.Name);
        row.Team = call.Caller.Team is { } team ? Text(team) : null;
        row.Model = Text(call.Model.IsPattern ? call.AskedName : call.Model.Name);
        row.AnsweredModel = Text(call.AnsweringName);
        row.Upstream = upstream;
        row.Operation = Operations.Of(call.Path);
        row.Stream = call.Body.Stream ? 1 : 0;
        row.Outcome = end.Outcome;
        row.Status = end.Status;
        row.FirstTokenMs = firstTokenMs;
        row.Stage = stage;
        row.Owner = owner;
        row.PromptTokens = used.Prompt;
        row.CachedTokens = used.Cached;
        row.CompletionTokens = used.Made;
        row.ReasoningTokens = used.Reasoning;
        row.Estimated = used.IsEstimated ? 1 : 0;
        row.Cost = Money.Units(used.Cost);
        row.Attempts = call.Begun;
        row.DurationMs = (long)call.Time.GetElapsedTime(call.Began).TotalMilliseconds;
        row.RequestId = call.RequestId;
        return row;
    }

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
