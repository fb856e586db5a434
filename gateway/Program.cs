using Gateway;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Models;

SocketThreads.Choose();
if (Verbs.Help(args) is { } help) return Verbs.Say(help);

try
{
    var (builder, options) = GatewayApp.Configure(args);
    if (await Verbs.RunAsync(args, options) is { } exitCode) return exitCode;

    var (served, skipped) = await ModelInspection.RunAsync(ModelDiscovery.Find(options), CancellationToken.None);
    await using var app = GatewayApp.Build(builder, args, options, served);
    await KeysSetup.CheckExposureAsync(app.Services, CancellationToken.None);
    using var hangup = Startup.ReloadAtHangup(app);
    using var secondInterrupt = Startup.EndAtSecondInterrupt();
    await Startup.ListenAsync(app);
    Startup.Preload(app.Services); // a worker that is being started when there is no address would end in words of its own
    Startup.Greet(app, skipped, GatewayConfiguration.Files(args));
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is ConfigurationException or InvalidDataException)
{
    await Console.Error.WriteLineAsync("The configuration cannot be used:" + Environment.NewLine + e.Message);
    return 2;
}
catch (ProblemException e)
{
    await Console.Error.WriteLineAsync($"Not started: {e.Message}");
    return 1;
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"The address cannot be used: {e.Message}");
    return 1;
}
