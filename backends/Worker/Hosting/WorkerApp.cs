using Gateway.Worker.Chat;
using Gateway.Worker.Completions;
using Gateway.Worker.Errors;
using Gateway.Worker.Health;
using Gateway.Worker.Models;

namespace Gateway.Worker.Hosting;

/// <summary>The worker's web application; tests build it around a model of their own.</summary>
internal static class WorkerApp
{
    public static WebApplication Build(WorkerOptions options, ModelSlot slot, Action<IServiceCollection>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear(); // the command line is all there is
        builder.Configuration.AddInMemoryCollection();
        builder.WebHost.UseUrls(options.Urls).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(options).AddSingleton(slot).AddSingleton(TimeProvider.System);
        more?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        HealthApi.Map(app);
        ChatApi.Map(app);
        CompletionsApi.Map(app);
        return app;
    }
}

/// <summary>Leaves signals alone: the parent says when to stop.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
