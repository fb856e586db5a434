using Gateway.Configuration;

namespace Gateway.Routing;

/// <summary>
/// Further attempts are a share of the calls of the last ten seconds, so that retries cannot multiply the load on what is failing
/// already. A floor lets a quiet gateway retry at all. Thread-safe.
/// </summary>
public sealed class RetryBudget(TimeProvider time)
{
    private const int Seconds = 10;
    private readonly Lock gate = new();
    private readonly int[] calls = new int[Seconds];
    private readonly int[] spent = new int[Seconds];
    private long second;
    private int allCalls;
    private int allSpent;

    /// <summary>Share and floor; a reload changes them.</summary>
    public RetryBudgetOptions Options { get; set; } = new();

    /// <summary>A call came.</summary>
    public void Called()
    {
        lock (gate)
        {
            calls[Now()]++;
            allCalls++;
        }
    }

    /// <summary>Takes one further attempt, if there is one left.</summary>
    public bool TrySpend()
    {
        lock (gate)
        {
            var at = Now();
            if (allSpent >= Math.Max(Options.Floor, (int)(Options.Share * allCalls))) return false;
            spent[at]++;
            allSpent++;
            return true;
        }
    }

    // The slot of this second; those that are over are forgotten.
    private int Now()
    {
        var now = time.GetTimestamp() / time.TimestampFrequency;
        for (var passed = Math.Min(now - second, Seconds); passed > 0; passed--)
        {
            var slot = (int)((now - passed + 1) % Seconds);
            allCalls -= calls[slot];
            allSpent -= spent[slot];
            calls[slot] = spent[slot] = 0;
        }

        second = now;
        return (int)(now % Seconds);
    }
}
