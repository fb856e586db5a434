using System.Globalization;

namespace Gateway.Calls;

/// <summary>When the client gives up.</summary>
/// <param name="At">As a timestamp.</param>
/// <param name="IsTotal">Whether it holds for all of a stream, or until the stream begins.</param>
public sealed record ClientDeadline(long At, bool IsTotal)
{
    private const double MostSeconds = 86_400;

    /// <summary>
    /// <c>X-Request-Timeout</c> is meant for the whole call. What SDKs send by themselves (<c>x-stainless-read-timeout</c>,
    /// <c>X-Stainless-Timeout</c>) is how long they wait for bytes, so a stream that has begun has kept it. The last of them is in whole seconds and rounded
    /// down, 1 for 1.9: the client waits for up to a second more than it says.
    /// </summary>
    public static ClientDeadline? Of(IHeaderDictionary headers, long began, TimeProvider time)
    {
        if (Seconds(headers["X-Request-Timeout"].ToString()) is { } total) return new ClientDeadline(At(total), true);
        return (Seconds(headers["x-stainless-read-timeout"].ToString()) ?? Seconds(headers["X-Stainless-Timeout"].ToString()) + 1) is { } first ? new ClientDeadline(At(first), false) : null;

        long At(double seconds) => began + (long)(seconds * time.TimestampFrequency);
    }

    /// <summary>What is left of it; never negative.</summary>
    public TimeSpan Left(long now, TimeProvider time) => At <= now ? TimeSpan.Zero : time.GetElapsedTime(now, At);

    private static double? Seconds(string text) =>
        text.Length > 0 && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= MostSeconds ? seconds : null;
}
