using Gateway.Worker.Models;

namespace Gateway.Worker.Hosting;

/// <summary><c>serve</c>: listens first, loads then, so that a supervisor sees a live process that is not ready yet.</summary>
internal static class ServeCommand
{
    private const int LoadFailed = 3;

    public static async Task<int> RunAsync(ServeOptions options)
    {
        RemoveStaleSocket(options.Urls);
        var slot = new ModelSlot();
        await using var app = WorkerApp.Create(options.Urls, options.Limits, slot, TimeProvider.System, options.ExitWithParent);
        await app.StartAsync();
        var exit = await Task.Run(() => Load(options, slot));
        if (exit == 0) await app.WaitForShutdownAsync();
        else await app.StopAsync();
        if (slot.Loaded is { } model) await model.DisposeAsync();
        return exit;
    }

    private static int Load(ServeOptions options, ModelSlot slot)
    {
        try
        {
            slot.Set(ModelLoader.Load(options, TimeProvider.System, Console.Error.WriteLine));
            return 0;
        }
        catch (Exception failure)
        {
            // Whatever went wrong, the supervisor prints this line beside the model's name.
            Console.Error.WriteLine($"error: {failure.Message.ReplaceLineEndings(" ")}");
            return LoadFailed;
        }
    }

    // A worker that was killed leaves its socket behind, and binding to an existing file fails.
    private static void RemoveStaleSocket(string urls)
    {
        const string prefix = "http://unix:";
        if (urls.StartsWith(prefix, StringComparison.Ordinal)) File.Delete(urls[prefix.Length..]);
    }
}
