using Gateway.Configuration;
using Gateway.LocalWorkers;
using Gateway.Models;

namespace Gateway.Pulling;

/// <summary>Models that the settings name as <c>hf:org/name</c>: pulled before their first use, local from then on. One pull at a time.</summary>
public sealed class HubModels(GatewayOptions options, TimeProvider time, ILogger<HubModels> logger) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim one = new(1);

    /// <summary>Returns once the model's files are there; does nothing, and asks nobody, where they are.</summary>
    /// <exception cref="WorkerFailedException">It could not be pulled.</exception>
    public async Task EnsureAsync(LocalModel model, CancellationToken cancellation)
    {
        if (model.Source is not { } source || IsHere(model, source)) return;
        await one.WaitAsync(cancellation);
        try
        {
            if (!IsHere(model, source)) await PullAsync(model, source, cancellation);
        }
        catch (Exception e) when (e is PullException or IOException or UnauthorizedAccessException)
        {
            throw new WorkerFailedException($"it could not be pulled: {e.Message}");
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private static bool IsHere(LocalModel model, ModelReference source) => PulledModel.Read(model.Path)?.Answers(source, PullRequest.For(source).Files) == true;

    private async Task PullAsync(LocalModel model, ModelReference source, CancellationToken cancellation)
    {
        var progress = new PullProgress { Said = line => logger.LogInformation("[{Model}] {Line}", model.Name, line) };
        logger.LogInformation("[{Model}] is pulled from {Hub}: {Source}", model.Name, options.Hub.Address, source);
        using var shown = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var showing = ShowAsync(model.Name, progress, shown.Token);
        try
        {
            using var connection = new HubConnection(options.Hub.BaseAddress, Environment.GetEnvironmentVariable("HF_TOKEN"));
            await new ModelPull(new HubClient(connection, options.Hub, time), options.Hub, time).RunAsync(Path.GetFullPath(options.ModelsFolder), PullRequest.For(source), progress, cancellation);
        }
        finally
        {
            await shown.CancelAsync();
            await showing;
        }
    }

    private async Task ShowAsync(string model, PullProgress progress, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pace, time);
        var rate = new TransferRate(time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
                if (progress.Total > 0) logger.LogInformation("[{Model}] {Progress}", model, ProgressDisplay.Line(progress.Done, progress.Total, rate.Sample(progress.Received), bar: false));
        }
        catch (OperationCanceledException)
        {
            // The pull has ended.
        }
    }
}
