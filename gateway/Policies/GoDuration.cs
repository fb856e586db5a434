using System.Globalization;

namespace Gateway.Policies;

/// <summary>Times as OpenAI's headers have them, which are Go's: <c>20ms</c>, <c>1.5s</c>, <c>6m0s</c>.</summary>
internal static class GoDuration
{
    /// <summary>In whole milliseconds, rounded up.</summary>
    public static string Text(TimeSpan duration)
    {
        var ms = Math.Max(0, (long)Math.Ceiling(duration.TotalMilliseconds));
        if (ms == 0) return "0s";
        if (ms < 1000) return string.Create(CultureInfo.InvariantCulture, $"{ms}ms");
        var seconds = (ms % 60_000 / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        var minutes = ms / 60_000;
        return minutes == 0 ? $"{seconds}s" : minutes < 60 ? string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s") : string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}h{minutes % 60}m{seconds}s");
    }
}
