using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gateway.Admin;
using Gateway.AdminConsole;
using Gateway.Configuration;
using Gateway.Keys;
using Gateway.LocalWorkers;
using Gateway.Models;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway;

/// <summary>What happens around the program's life: the greeting, a hangup, and the second Ctrl-C.</summary>
internal static class Startup
{
    /// <summary>Opens the door.</summary>
    /// <exception cref="ConfigurationException">A certificate cannot be used.</exception>
    /// <exception cref="IOException">An address cannot be used.</exception>
    public static async Task ListenAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException or FileNotFoundException or DirectoryNotFoundException)
        {
            // What the web server makes of a certificate that is not there or cannot be read; its advice is in further lines.
            throw new ConfigurationException([$"A certificate of Kestrel:Certificates or Kestrel:Endpoints cannot be used: {e.Message.Split('\n')[0].TrimEnd()}"]);
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException)
        {
            // An address of another machine, a port for which it has no rights: which one it does not say.
            throw new IOException($"{app.Configuration[WebHostDefaults.ServerUrlsKey]}: {e.Message}", e);
        }
    }

    /// <summary>A hangup has the settings read anew, as with other servers; one that says that the terminal was closed ends the program.</summary>
    public static PosixSignalRegistration? ReloadAtHangup(WebApplication app)
    {
        if (OperatingSystem.IsWindows()) return null; // there it is always the latter
        var (reload, hadTerminal) = (app.Services.GetRequiredService<SettingsReload>(), HasTerminal());
        return PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            if (hadTerminal && !HasTerminal()) app.Lifetime.StopApplication();
            else _ = reload.ReloadAsync(CancellationToken.None);
        });
    }

    private static bool HasTerminal()
    {
        try
        {
            using var terminal = File.OpenHandle("/dev/tty", share: FileShare.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Says in a few lines what is served and how to ask.</summary>
    /// <param name="app">It listens.</param>
    /// <param name="skipped">Models that are there and cannot be served.</param>
    /// <param name="files">Where settings come from.</param>
    public static void Greet(WebApplication app, IReadOnlyList<SkippedModel> skipped, IReadOnlyList<(string Path, bool Optional)> files)
    {
        var catalogue = app.Services.GetRequiredService<LiveSettings>().Current.Catalogue;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(Reachable).ToList();
        Console.WriteLine($"Gateway listens on {string.Join(", ", addresses)}");
        Console.WriteLine(SettingsFrom(files));
        Console.WriteLine(catalogue.Models.Count == 0 ? "No model is served: set Gateway:ModelsFolder" : $"Models: {string.Join(", ", catalogue.Models.Select(model => model.Name))}");
        foreach (var model in skipped) Console.WriteLine($"Not served: {model.Name}: {model.Reason}");
        if (catalogue.Models.Count > 0)
        {
            var model = (catalogue.Find("tiny-chat") ?? catalogue.Models[0]).Name;
            Console.WriteLine("Try:");
            Console.WriteLine($$"""  curl {{addresses[0]}}/v1/chat/completions -H "Content-Type: application/json" -d "{\"model\": \"{{model}}\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello!\"}]}" """.TrimEnd());
        }

        if (app.Services.GetRequiredService<LiveSettings>().Current.Options.Console && ConsolePages.AddressOf(addresses, app.Services.GetRequiredService<AdminUrls>()) is { } page) Console.WriteLine($"In a browser: {page}");
        Console.WriteLine(app.Services.GetRequiredService<Access>().Greeting);
        Console.WriteLine("Ctrl-C stops it.");
    }

    /// <summary>Which files were read; where none was, the last that would have been.</summary>
    internal static string SettingsFrom(IReadOnlyList<(string Path, bool Optional)> files)
    {
        var read = files.Select(static file => file.Path).Where(File.Exists).ToList();
        return read.Count > 0 ? $"Settings: {string.Join(", ", read)}" : $"Settings: defaults ({files[^1].Path} is not there)";
    }

    /// <summary>The first Ctrl-C lets running streams finish; the second one does not wait for them.</summary>
    public static PosixSignalRegistration EndAtSecondInterrupt()
    {
        var interrupts = 0;
        return PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            // Workers see their input close with this process and go by themselves.
            if (Interlocked.Increment(ref interrupts) == 2) Environment.Exit(130);
        });
    }

    /// <summary>Cancelled by Ctrl-C; for verbs that end by themselves otherwise.</summary>
    public static CancellationToken Interrupted()
    {
        var source = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = !source.IsCancellationRequested; // the second ends at once
            source.Cancel();
        };
        return source.Token;
    }

    /// <summary>Loads what wants to be loaded at start.</summary>
    public static void Preload(IServiceProvider services)
    {
        var pool = services.GetRequiredService<LocalWorkerPool>();
        foreach (var model in Preloaded(services.GetRequiredService<LiveSettings>().Current.Catalogue)) pool.Preload(model);
    }

    /// <summary>Ready to be sent calls: what was to be loaded at start is loaded.</summary>
    public static bool IsReady(LocalWorkerPool pool, ModelCatalogue catalogue) => Preloaded(catalogue).All(model => pool.For(model).Loaded || pool.For(model).Unloaded);

    private static IEnumerable<LocalModel> Preloaded(ModelCatalogue catalogue) => catalogue.Models.Select(model => model.Local).OfType<LocalModel>().Where(model => model.Options.Preload);

    private static string Reachable(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal);
}
