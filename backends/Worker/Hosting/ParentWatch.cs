namespace Gateway.Worker.Hosting;

/// <summary>Ends the worker when its parent is gone or asks it to go: both close this program's standard input.</summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: reading standard input cannot be cancelled.
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0) { }
            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "parent" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
