using System.Globalization;
using System.Net.Http.Headers;

namespace Gateway.Client.Wire;

/// <summary>Whether to ask again, and after how long.</summary>
internal sealed class Backoff(TimeProvider time, int seed)
{
    /// <summary>A longer wait is the caller's to decide: the error goes out with it.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstStep = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(8);
    private readonly Random _chance = new(seed);
    private readonly Lock _gate = new();

    /// <summary>The server's word first (<c>x-should-retry</c>), then the status.</summary>
    public static bool MayRetry(HttpResponseMessage response) => Header(response.Headers, "x-should-retry") switch
    {
        "true" => true,
        "false" => false,
        _ => (int)response.StatusCode is 408 or 409 or 429 or >= 500,
    };

    /// <summary>What the server asked for: <c>retry-after-ms</c>, else <c>Retry-After</c> in seconds or as a date.</summary>
    public TimeSpan? AskedWait(HttpResponseHeaders headers)
    {
        if (double.TryParse(Header(headers, "retry-after-ms"), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < 1e12)
            return TimeSpan.FromMilliseconds(milliseconds);
        if (headers.RetryAfter is not { } asked) return null;
        var wait = asked.Delta ?? asked.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>Full jitter: anything up to a step that doubles, so that clients that failed together do not come back together.</summary>
    public TimeSpan Jittered(int attempt)
    {
        var step = Math.Min(LongestStep.TotalSeconds, FirstStep.TotalSeconds * Math.Pow(2, Math.Min(attempt, 10)));
        lock (_gate) return TimeSpan.FromSeconds(step * _chance.NextDouble());
    }

    private static string? Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;
}
