using Gateway.Configuration;

namespace Gateway.Pulling;

/// <summary><c>gateway pull org/name[@revision]</c>.</summary>
internal static class PullCommand
{
    public const string Usage = "gateway pull org/name[@revision][:file] [--file NAME]… [--name FOLDER] [--config FILE] [--Gateway:SETTING=VALUE]…";
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(string[] args, GatewayOptions options, CancellationToken cancellation)
    {
        PullRequest request;
        try
        {
            request = Parse(args);
        }
        catch (PullException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message + Environment.NewLine + "Usage: " + Usage);
            return 2;
        }

        var terminal = !Console.IsOutputRedirected;
        var display = new ProgressDisplay(Console.Out, terminal, terminal ? Math.Max(20, Console.WindowWidth) : int.MaxValue, TimeProvider.System);
        var progress = new PullProgress { Said = display.Say };
        using var shown = new CancellationTokenSource();
        var showing = display.RunAsync(progress, shown.Token);
        try
        {
            using var connection = new HubConnection(options.Hub.BaseAddress, Environment.GetEnvironmentVariable("HF_TOKEN"));
            display.Say($"Pulling {request.Model} from {connection.Address.Authority} into {options.ModelsFolder}");
            var folder = await new ModelPull(new HubClient(connection, options.Hub, TimeProvider.System), options.Hub, TimeProvider.System).RunAsync(options.ModelsFolder, request, progress, cancellation);
            await shown.CancelAsync();
            await showing;
            display.Say($"{request.Model} is in {folder}");
            return 0;
        }
        catch (Exception e) when (e is PullException or IOException or UnauthorizedAccessException)
        {
            await shown.CancelAsync();
            await showing;
            await Console.Error.WriteLineAsync("error: " + e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await shown.CancelAsync();
            await showing;
            await Console.Error.WriteLineAsync("Interrupted. What has come is kept: the same command goes on from there.");
            return Interrupted;
        }
    }

    /// <exception cref="PullException">The arguments are wrong; the message says where.</exception>
    internal static PullRequest Parse(string[] args)
    {
        ModelReference? model = null;
        string? name = null;
        var files = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--file": files.Add(Value(ref i)); break;
                case "--name": name = Value(ref i); break;
                case "--config": Value(ref i); break;
                case var setting when setting.StartsWith("--Gateway:", StringComparison.OrdinalIgnoreCase): if (!setting.Contains('=')) Value(ref i); break;
                case var option when option.StartsWith('-'): throw new PullException($"'{option}' is not known");
                case var text when model is null: model = ModelReference.Parse(text); break;
                case var text: throw new PullException($"'{text}' is one model too many");
            }
        }

        if (model is null) throw new PullException("say which model");
        if (model.File is not null) files.Insert(0, model.File);
        return new PullRequest(model, files, name ?? model.FolderName);

        string Value(ref int i) => i + 1 < args.Length && args[i + 1].Length > 0 ? args[++i] : throw new PullException($"{args[i]} needs a value");
    }
}
