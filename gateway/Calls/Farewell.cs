using Gateway.Configuration;

namespace Gateway.Calls;

/// <summary>
/// The last word to calls that still run when the time that a stopping program gives them is over. The host would cut their connections; told a
/// moment before, a stream ends in one clear event and everything else in 503.
/// </summary>
public sealed class Farewell : IDisposable
{
    /// <summary>Between the word and the cut: what is said must reach its client.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource said = new();
    private readonly ITimer timer;
    private readonly CancellationTokenRegistration stopping;

    /// <summary>Waits for the program to be stopped.</summary>
    public Farewell(IHostApplicationLifetime program, GatewayOptions options, TimeProvider time)
    {
        timer = time.CreateTimer(static said => ((CancellationTokenSource)said!).Cancel(), said, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        stopping = program.ApplicationStopping.Register(() => timer.Change(options.ShutdownTimeout, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Cancelled when it is said.</summary>
    public CancellationToken Said => said.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        timer.Dispose();
        said.Dispose();
    }
}
