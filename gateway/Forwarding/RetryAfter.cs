using System.Globalization;

namespace Gateway.Forwarding;

/// <summary>How long an upstream asks to be left alone.</summary>
internal static class RetryAfter
{
    private static readonly string[] Milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"];
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    /// <summary>In milliseconds, in seconds, or as a date; null where it does not say.</summary>
    public static TimeSpan? Of(HttpResponseMessage response, TimeProvider time)
    {
        foreach (var name in Milliseconds)
            if (response.Headers.NonValidated.TryGetValues(name, out var values) && double.TryParse(values.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given))
                return Bounded(TimeSpan.FromMilliseconds(Math.Min(given, Most.TotalMilliseconds)));
        return response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => Bounded(delta),
            { Date: { } date } => Bounded(date - time.GetUtcNow()),
            _ => null,
        };
    }

    private static TimeSpan Bounded(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Most ? Most : wait;
}
