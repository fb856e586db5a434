using System.Runtime.InteropServices;

namespace Gateway.Worker.Hosting;

/// <summary>
/// A child's life: it stops at SIGTERM and when its parent is gone. Ctrl-C is left to the parent, although a terminal sends it to both.
/// </summary>
internal sealed class SupervisedLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private PosixSignalRegistration? interrupt;
    private PosixSignalRegistration? terminate;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            application.StopApplication();
        });
        new Thread(WatchParent) { IsBackground = true, Name = "parent" }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        interrupt?.Dispose();
        terminate?.Dispose();
    }

    // The parent holds the other end of stdin: its death, however sudden, is the end of the input. A read of stdin cannot be cancelled.
    private void WatchParent()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[256];
        while (input.Read(ignored) > 0) { }
        application.StopApplication();
    }
}
