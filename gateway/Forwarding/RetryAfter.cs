using System.Globalization;

namespace Gateway.Forwarding;

/// <summary>How long an upstream asks to be left alone.</summary>
internal static class RetryAfter
{
    private static readonly string[] Milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"];
    private static readonly TimeSpan Most = TimeSpan.FromDays(1); // quotas of a day are kept to the second; what is longer is a mistake, and would be for ever

    /// <summary>In milliseconds, in seconds, or as a date; null where it does not say.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        foreach (var name in Milliseconds)
            if (Number(response, name) is { } milliseconds) return Bounded(TimeSpan.FromMilliseconds(Math.Min(milliseconds, Most.TotalMilliseconds)));
        if (Number(response, "Retry-After") is { } seconds) return Bounded(TimeSpan.FromSeconds(Math.Min(seconds, Most.TotalSeconds))); // some have fractions
        return response.Headers.RetryAfter?.Date is { } date ? Bounded(date - time.GetUtcNow()) : null;
    }

    private static double? Number(HttpResponseMessage response, string header) =>
        response.Headers.NonValidated.TryGetValues(header, out var values) && double.TryParse(values.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given >= 0 ? given : null;

    private static TimeSpan Bounded(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Most ? Most : wait;
}
