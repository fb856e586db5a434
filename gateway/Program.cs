using Gateway;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Forwarding;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Pulling;
using Gateway.Storage;
using Gateway.StoredCompletions;

if (Verbs.Help(args) is { } help) return Verbs.Say(help);

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
GatewayConfiguration.AddSources(builder.Configuration, args);

GatewayOptions options;
try
{
    options = GatewayConfiguration.Read(builder.Configuration);
}
catch (Exception e) when (e is ConfigurationException or InvalidDataException or FileNotFoundException)
{
    await Console.Error.WriteLineAsync("The configuration cannot be used:" + Environment.NewLine + e.Message);
    return 2;
}

if (await Verbs.RunAsync(args, options) is { } exitCode) return exitCode;

var (served, skipped) = await ModelInspection.RunAsync(ModelDiscovery.Find(options), CancellationToken.None);

builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null; // RequestBody has the limit, and answers in the contract's shape
    kestrel.ConfigureEndpointDefaults(BareRefusals.Complete);
});
if (string.IsNullOrEmpty(builder.Configuration["urls"])) builder.WebHost.UseUrls("http://localhost:8080");
builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Yarp", LogLevel.Error);
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
builder.Services.AddHttpForwarder().AddRouting();
builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod()
    .WithExposedHeaders("X-Request-ID", "Retry-After", "retry-after-ms", "x-should-retry", "x-gateway-model", "x-gateway-ignored-fields")));
builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton(new ModelCatalogue(served)).AddSingleton<HubModels>().AddSingleton<LocalWorkerPool>().AddSingleton<Forwarder>();
builder.Services.AddSingleton<Database>().AddSingleton<CompletionQueue>().AddSingleton<CompletionStore>().AddSingleton<Recording>().AddHostedService<Retention>();

await using var app = builder.Build();
app.UseMiddleware<CallMiddleware>();
app.UseCors();
app.MapGet("/health/live", () => TypedResults.Ok());
app.MapGet("/health/ready", (LocalWorkerPool pool, ModelCatalogue catalogue) => Startup.IsReady(pool, catalogue) ? Results.Ok() : Results.StatusCode(503));
ModelsApi.Map(app);
ForwardApi.Map(app);
StoredCompletionApi.Map(app);

using var secondInterrupt = Startup.EndAtSecondInterrupt();
try
{
    Startup.Preload(app.Services);
    await app.StartAsync();
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"The address cannot be used: {e.Message}");
    return 1;
}

Startup.Greet(app, skipped);
await app.WaitForShutdownAsync();
return 0;
