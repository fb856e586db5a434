using Gateway.Worker.Chat;
using Gateway.Worker.Classification;
using Gateway.Worker.Completions;
using Gateway.Worker.Embeddings;
using Gateway.Worker.Errors;
using Gateway.Worker.Metrics;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;
using Gateway.Worker.Rerank;
using Gateway.Worker.Tokens;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Worker.Hosting;

/// <summary>The worker's HTTP surface; tests put a model of their own into the slot.</summary>
internal static class WorkerApp
{
    public static WebApplication Create(string urls, WorkerLimits limits, ModelSlot slot, TimeProvider time, bool supervised = false)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // RequestBody counts, so that 413 is an answer and not a reset
        });
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled));
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // Running streams finish; whoever supervises this process decides when that takes too long.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(10));
        builder.Services.AddSingleton(limits).AddSingleton(slot).AddSingleton(time).AddSingleton<Delivery>().AddSingleton<ChatApi>().AddSingleton<CompletionApi>().AddSingleton<TokensApi>().AddSingleton<EmbeddingApi>().AddSingleton<RerankApi>().AddSingleton<ClassificationApi>();
        if (CallSpans.AreExported(builder.Configuration)) CallSpans.Export(builder.Services);
        if (supervised) builder.Services.AddSingleton<IHostLifetime, SupervisedLifetime>();
        var app = builder.Build();
        app.UseMiddleware<CallSpans>();
        app.UseMiddleware<CallHeaders>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        HealthApi.Map(app);
        MetricsApi.Map(app);
        ModelsApi.Map(app);
        ChatApi.Map(app);
        CompletionApi.Map(app);
        TokensApi.Map(app);
        EmbeddingApi.Map(app);
        RerankApi.Map(app);
        ClassificationApi.Map(app);
        return app;
    }
}
