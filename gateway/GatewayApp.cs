using System.Text;
using Gateway.Admin;
using Gateway.Admin.Audit;
using Gateway.Admin.Docs;
using Gateway.AdminConsole;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Forwarding;
using Gateway.Keys;
using Gateway.Keys.Stored;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Policies;
using Gateway.Pulling;
using Gateway.ResponseCache;
using Gateway.Routing;
using Gateway.Storage;
using Gateway.StoredCompletions;
using Gateway.Telemetry;
using Gateway.Usage;
using Gateway.Usage.Reading;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway;

/// <summary>What the door is made of. Tests build the same one.</summary>
public static class GatewayApp
{
    private static readonly string[] Health = ["GET", "HEAD"];
    private static readonly string[] Exposed = ["X-Request-ID", "Retry-After", "retry-after-ms", "x-should-retry", "x-gateway-model", "x-gateway-upstream", "x-gateway-attempts", "x-gateway-ignored-fields", "x-gateway-unenforced", "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "Age", "Cache-Status"];

    /// <summary>Settings from where the program has them, or none at all.</summary>
    /// <exception cref="ConfigurationException">They cannot be used; with every error.</exception>
    public static (WebApplicationBuilder Builder, GatewayOptions Options) Configure(string[] args)
    {
        Arguments.Check(args);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        GatewayConfiguration.AddSources(builder.Configuration, args);
        return (builder, GatewayConfiguration.Read(builder.Configuration));
    }

    /// <summary>The program, not started yet.</summary>
    /// <exception cref="ConfigurationException">A target or a fallback names a model that is not there, or administration has the public's port.</exception>
    /// <exception cref="IOException">An address is none.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, string[] args, GatewayOptions options, IReadOnlyList<LocalModel> served)
    {
        var exposure = new Exposure(builder.Configuration, Listen(builder, options.AdminUrls));
        KeysSetup.Add(builder.Services, exposure, options);
        AdminDocument.Add(builder.Services);
        ConsoleSetup.Add(builder.Services);
        TelemetrySetup.Add(builder);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout + Farewell.Grace);
        builder.Services.AddHttpForwarder().AddRouting();
        builder.Services.AddCors(static cors => cors.AddDefaultPolicy(static policy => policy.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Exposed)));
        builder.Services.AddResponseCompression(static compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json"]; // never a stream, whose events go one by one
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<NameResolver>();
        builder.Services.AddSingleton<UpstreamConnections>();
        builder.Services.AddSingleton(options).AddSingleton(new AdminUrls(options.AdminUrls)).AddSingleton<HubModels>().AddSingleton<LocalWorkerPool>().AddSingleton<Queues>();
        builder.Services.AddSingleton<CatalogueBuilder>().AddSingleton<Router>().AddSingleton(services => new RetryBudget(services.GetRequiredService<TimeProvider>()) { Options = options.RetryBudget });
        builder.Services.AddSingleton(services => new LiveSettings(new GatewaySnapshot(options, services.GetRequiredService<CatalogueBuilder>().Build(options, served))));
        CacheSetup.Add(builder.Services, options);
        UsageSetup.Add(builder.Services, options);
        PoliciesSetup.Add(builder.Services, options);
        builder.Services.AddSingleton<Farewell>().AddSingleton<Forwarder>().AddSingleton<ForwardApi>();
        builder.Services.AddSingleton<Database>().AddSingleton<CompletionQueue>().AddSingleton<CompletionStore>().AddSingleton<Recording>().AddHostedService<Retention>();
        builder.Services.AddSingleton(args).AddSingleton<SettingsReload>().AddHostedService(static services => services.GetRequiredService<SettingsReload>()).AddHostedService<UpstreamProbes>();

        var app = builder.Build();
        _ = app.Services.GetRequiredService<LiveSettings>(); // what is wrong with the models is said now
        app.UseResponseCompression();
        app.UseMiddleware<CallMiddleware>();
        app.UseMiddleware<ConsolePages>();
        app.UseMiddleware<AdminDoor>();
        app.UseWhen(static http => http.Request.Headers.Origin.Count > 0, static page => page.UseCors()); // only a browser's page says where it is from
        app.UseMiddleware<AccessMiddleware>();
        app.MapMethods("/health/live", Health, static () => TypedResults.Ok()).NeedsNoKey();
        app.MapMethods("/health/ready", Health, static (LocalWorkerPool pool, LiveSettings settings) => Startup.IsReady(pool, settings.Current.Catalogue) ? Results.Ok() : Results.StatusCode(503)).NeedsNoKey();
        ModelsApi.Map(app);
        ForwardApi.Map(app);
        StoredCompletionApi.Map(app);
        AdminApi.Map(app);
        KeysApi.Map(app);
        AuditApi.Map(app);
        UsageApi.Map(app);
        OrganizationApi.Map(app);
        AdminDocument.Map(app);
        ConsoleSetup.Map(app);
        MetricsPage.Map(app);
        return app;
    }

    // Gives back the addresses that are the public's.
    private static string Listen(WebApplicationBuilder builder, string? adminUrls)
    {
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true); // a lone LF in a header ends no line
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = SocketThreads.Serve);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowAlternateSchemes = true; // behind what ends TLS
            kestrel.RequestHeaderEncodingSelector = ConnectionHeader.EncodingOf;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1; // an upstream's headers, byte for byte
            HeaderLimits.Apply(kestrel.Limits);
            RenewedCertificate.Watch(kestrel);
            kestrel.Limits.MaxRequestBodySize = null; // RequestBody has the limit, and answers in the contract's shape
            kestrel.ConfigureEndpointDefaults(static listen =>
            {
                Latecomers.Watch(listen);
                ClientPresence.Watch(listen);
                BareRefusals.Complete(listen);
                PriorKnowledge.Recognise(listen);
            });
        });
        var urls = builder.Configuration["urls"] is { Length: > 0 } given ? given : "http://localhost:8080";
        ListenAddresses.Check(urls, adminUrls);
        builder.WebHost.UseUrls([.. ListenAddresses.Split(urls), .. ListenAddresses.Split(adminUrls)]);
        if (builder.Configuration["Logging:Format"] == "json") builder.Logging.AddJsonConsole(static console => console.UseUtcTimestamp = true);
        else builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        // What ends the program is said in a line of its own, and what ends it later the host says twice.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Yarp", LogLevel.Error);
        return urls;
    }
}
