using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Engine.Torch;
using Gateway.Worker.Models;

namespace Gateway.Worker.Hosting;

/// <summary>Loads the model while the worker already listens; a model that cannot be loaded ends the program.</summary>
internal sealed class ModelLoader(WorkerOptions options, ModelSlot slot, TimeProvider time, IHostApplicationLifetime lifetime) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (slot.Loaded is { } loaded) await loaded.Backend.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            slot.Loaded = await Task.Run(Load, stoppingToken);
        }
        catch (ModelFolderException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            Environment.ExitCode = WorkerExit.ModelUnusable;
            lifetime.StopApplication();
        }
    }

    private LoadedModel Load()
    {
        using var folder = ModelFolder.Open(options.Path);
        var runner = TorchRunner.Load(folder, new TorchOptions { ContextLength = options.Context, Device = options.Device, Weights = options.Weights });
        var card = new ModelCard(options.Name, (string?)folder.Config["model_type"] ?? "", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch");
        var template = folder.ChatTemplateSource is { } source ? ChatTemplate.Parse(source, folder.Path) : null;
        return new LoadedModel(options.Name, new BatchingBackend(runner, card, new BatchingOptions { Seed = Environment.TickCount64 }, time), folder.Tokenizer, template, folder.Generation, folder.SpecialTokens);
    }
}

/// <summary>How the program ends.</summary>
internal static class WorkerExit
{
    public const int WrongUsage = 2;
    public const int ModelUnusable = 3;
}
