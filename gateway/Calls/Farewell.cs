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

    // For the rest of a request whose beginning is here.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource closing = new();
    private readonly CancellationTokenSource said = new();
    private readonly ITimer closes;
    private readonly ITimer ends;
    private readonly CancellationTokenRegistration stopping;

    /// <summary>Waits for the program to be stopped.</summary>
    public Farewell(IHostApplicationLifetime program, GatewayOptions options, TimeProvider time)
    {
        (closes, ends) = (Timer(closing), Timer(said));
        stopping = program.ApplicationStopping.Register(() =>
        {
            HasBegun = true;
            closes.Change(options.ShutdownTimeout < Patience ? options.ShutdownTimeout : Patience, Timeout.InfiniteTimeSpan);
            ends.Change(options.ShutdownTimeout, Timeout.InfiniteTimeSpan);
        });

        ITimer Timer(CancellationTokenSource of) => time.CreateTimer(static of => ((CancellationTokenSource)of!).Cancel(), of, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the program stops: a call that begins now is refused.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Cancelled when requests that are not whole are waited for no longer, seconds after the program was told to stop.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>Cancelled when it is said.</summary>
    public CancellationToken Said => said.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        closes.Dispose();
        ends.Dispose();
        closing.Dispose();
        said.Dispose();
    }
}
