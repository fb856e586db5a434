using Gateway.Worker.Chat;
using Gateway.Worker.Completions;
using Gateway.Worker.Errors;
using Gateway.Worker.Health;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;

if (args is ["inspect", ..])
{
    Inspection.Run(args.AsSpan(1));
    return 0;
}

WorkerOptions options;
try
{
    options = args is ["serve", ..] ? WorkerOptions.Parse(args.AsSpan(1)) : throw new ArgumentException("say 'serve' or 'inspect'");
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return WorkerExit.WrongUsage;
}

// A terminal sends Ctrl-C to the whole group; the gateway decides when its workers go.
using var interrupt = options.ExitWithParent ? System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, signal => signal.Cancel = true) : null;
await using var app = WorkerApp.Build(options, new ModelSlot(), services =>
{
    services.AddHostedService<ModelLoader>();
    if (options.ExitWithParent) services.AddHostedService<ParentWatch>().AddSingleton<IHostLifetime, QuietLifetime>();
});
await app.RunAsync();
return Environment.ExitCode;
