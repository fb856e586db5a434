using static Gateway.Tests.Faults.Wire;

namespace Gateway.Tests.Faults;

/// <summary>Every status of failure that servers are known to send, with and without a time to come back.</summary>
internal static class StatusFaults
{
    private static readonly int[] Statuses =
    [
        400, 402, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 498, 499,
        500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 521, 522, 523, 524, 525, 529, 530, 598, 599,
    ];

    public static IEnumerable<Fault> All =>
    [
        .. Statuses.Select(status => Of(status, "", "", IsTransient(status) ? 2 : 1, later: status == 429 ? ", Retry-After 1" : "")),
        .. Statuses.Select(status => Of(status, " and Retry-After 0", "Retry-After: 0\r\n", IsTransient(status) ? 2 : 1, later: IsTransient(status) ? ", Retry-After 0" : "")),
        .. Statuses.Select(status => Of(status, " and Retry-After 7", "Retry-After: 7\r\n", 1, later: IsTransient(status) ? ", Retry-After 7" : "")),
        Of(429, " and retry-after-ms 40", "retry-after-ms: 40\r\n", 2, ", Retry-After 1"),
        Of(429, " and Retry-After 3600", "Retry-After: 3600\r\n", 1, ", Retry-After 60"),
    ];

    private static bool IsTransient(int status) => status is 408 or 409 or 429 or >= 500;

    private static Fault Of(int status, string with, string headers, int attempts, string later) => new(
        $"answers {status}{with}",
        Says(Plain(Error("no", "reason"), $"{status} No", headers)),
        (IsTransient(status) && status != 429 ? "502 upstream_error" : $"{status} reason") + later,
        attempts,
        string.Join(", ", Enumerable.Repeat($"http_{status}", attempts)));
}
