using Gateway.Telemetry;

namespace Gateway.Usage;

/// <summary>How calls end, and where those stand that did not.</summary>
internal static class UsageOutcomes
{
    public const string Running = "running";
    public const string Interrupted = "interrupted"; // its process was

    public static readonly string[] All = [CallOutcomes.Ok, CallOutcomes.Cached, CallOutcomes.Refused, CallOutcomes.Limited, CallOutcomes.Failed, CallOutcomes.Broken, CallOutcomes.Deadline, CallOutcomes.Cancelled, Running, Interrupted];
}
