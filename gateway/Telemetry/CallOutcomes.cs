using Gateway.Calls;
using Gateway.Errors;
using Gateway.Forwarding;

namespace Gateway.Telemetry;

/// <summary>How a call ended, in one word of a closed vocabulary.</summary>
internal static class CallOutcomes
{
    public const string Ok = "ok";
    public const string Cached = "cached"; // an answer that was kept
    public const string Refused = "refused"; // a caller's mistake
    public const string Limited = "limited";
    public const string Failed = "failed";
    public const string Broken = "broken"; // a stream, or a plain answer on its way
    public const string Deadline = "deadline_exceeded";
    public const string Cancelled = "cancelled";

    /// <summary>Of a call whose client did not wait.</summary>
    public static readonly (string Outcome, int Status) Left = (Cancelled, ClientLeft);

    /// <summary>Nobody sees it: what logs of web servers say where the client left.</summary>
    private const int ClientLeft = 499;

    /// <summary>Of a call that is over; <paramref name="problem"/> is what it was refused with.</summary>
    public static (string Outcome, int Status) Of(Call call, Problem? problem)
    {
        foreach (var attempt in call.Attempts)
        {
            if (!attempt.Committed) continue;
            return attempt.Reason switch
            {
                Reasons.Ok => (Ok, attempt.Status),
                Reasons.ClientLeft => Left,
                Reasons.Deadline => (Deadline, attempt.Status),
                _ => (Broken, attempt.Status),
            };
        }

        if (call.Http.RequestAborted.IsCancellationRequested) return Left;
        return problem is null ? (Failed, 500) : Of(problem);
    }

    /// <summary>Of a refusal.</summary>
    public static (string Outcome, int Status) Of(Problem problem) =>
        (problem.Error.Error.Code == "deadline_exceeded" ? Deadline : problem.Status == 429 ? Limited : problem.Status < 500 ? Refused : Failed, problem.Status);
}
