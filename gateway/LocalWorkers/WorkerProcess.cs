using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Models;

namespace Gateway.LocalWorkers;

/// <summary>A worker as a child process, reached over a Unix domain socket, or over loopback where there are none.</summary>
public sealed class WorkerProcess : IWorkerProcess
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);
    private readonly Process process;
    private readonly string? socket;
    private readonly TimeProvider time;
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string lastWords = "";

    private WorkerProcess(Process process, string? socket, EndPoint address, TimeProvider time)
    {
        (this.process, this.socket, this.time) = (process, socket, time);
        Http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null, // the attempt says who its parent is
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            MaxConnectionsPerServer = int.MaxValue,
            ConnectCallback = async (_, cancellation) =>
            {
                var connection = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(address, cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        });
    }

    /// <inheritdoc/>
    public HttpMessageInvoker Http { get; }

    /// <inheritdoc/>
    public Task<string> Ended => ended.Task;

    /// <summary>Starts a worker for a model.</summary>
    public static WorkerProcess Start(LocalModel model, string socketFolder, ILogger logger, TimeProvider time)
    {
        var unix = !OperatingSystem.IsWindows();
        var socket = unix ? Path.Combine(socketFolder, Guid.NewGuid().ToString("N")[..12] + ".sock") : null;
        EndPoint address = unix ? new UnixDomainSocketEndPoint(socket!) : new IPEndPoint(IPAddress.Loopback, FreePort());
        var urls = unix ? $"http://unix:{socket}" : $"http://{address}";
        List<string> arguments = ["serve", "--name", model.Name, "--path", model.Path, "--backend", model.Options.Backend, "--device", model.Options.Device, "--weights", model.Options.Weights, "--urls", urls, "--exit-with-parent"];
        if (model.Options.Context is { } context) arguments.AddRange(["--context", context.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        var worker = new WorkerProcess(WorkerProgram.Start(arguments, redirectOutput: false), socket, address, time);
        _ = worker.ListenAsync(model.Name, logger);
        return worker;
    }

    /// <inheritdoc/>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (ended.Task.IsCompleted) throw new WorkerFailedException(await ended.Task);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://worker/health/ready");
                using var answer = await Http.SendAsync(request, cancellation);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.WhenAny(ended.Task, Task.Delay(PollEvery, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Kill() => process.Kill(entireProcessTree: true);

    /// <summary>Closes the worker's input, which asks it to go; one that does not is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        await Task.WhenAny(ended.Task, Task.Delay(GoodbyeTime, time));
        if (!ended.Task.IsCompleted) process.Kill(entireProcessTree: true);
        await ended.Task;
        Http.Dispose();
        process.Dispose();
        if (socket is not null) File.Delete(socket);
    }

    /// <summary>The worker's log is the gateway's; its last line says why it ended.</summary>
    private async Task ListenAsync(string model, ILogger logger)
    {
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Length == 0) continue;
            if (line.StartsWith("error:", StringComparison.Ordinal)) lastWords = line["error:".Length..].Trim();
            logger.LogInformation("[{Model}] {Line}", model, line);
        }

        await process.WaitForExitAsync();
        ended.TrySetResult(lastWords.Length > 0 ? lastWords : $"its worker ended with status {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
