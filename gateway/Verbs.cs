using System.Reflection;
using Gateway.Configuration;
using Gateway.Keys.Stored;
using Gateway.Models;
using Gateway.Pulling;

namespace Gateway;

/// <summary>What the program can be asked to do besides serving.</summary>
internal static class Verbs
{
    private const string Overview = """
        gateway [serve] [--urls ADDRESS] [--config FILE]… [--Gateway:SETTING=VALUE]…
            Serves the models of Gateway:ModelsFolder and those that the settings name. This is what it does when no verb is given.

        gateway pull org/name[@revision][:file] [--file NAME]… [--name FOLDER]
            Brings a model from a hub into Gateway:ModelsFolder: what serving needs and nothing else. A pull that was cut goes on where it was.
            --file names a file, a pattern with *, or a quantization such as Q4_K_M; --name names the folder.
            HF_TOKEN holds the token for models that need one, HF_ENDPOINT or Gateway:Hub:Address another hub.

        gateway inspect PATH… [--json]
            Says what a folder or file is: family, sizes, context, tokenizer, template, the memory it needs, which engine can run it, or why not.

        gateway keys create --name NAME [--team TEAM] [--scopes A,B] [--models A,B] [--expires DATE] [--requests-per-minute N]…
        gateway keys list | rotate ID [--grace TIME] | revoke ID
            Keys in Gateway:Database: a new one is printed, this once; gateways that run hear of it within a second. Limits have the names of the settings.

        gateway config show
            Prints the settings in effect.

        gateway --version | --help

        Settings come from appsettings.json beside the program, gateway.json in the working directory, each --config FILE, the environment
        (Gateway__ModelsFolder=…) and the command line (--Gateway:ModelsFolder=…); later ones win.
        """;

    private static string Version => typeof(Verbs).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What to print instead of doing anything, where that is asked for or the verb is not known.</summary>
    public static (string Text, bool Wrong)? Help(string[] args) => args switch
    {
        _ when args.Contains("--version") => ($"gateway {Version}", false),
        ["help", ..] => (Overview, false),
        _ when args.Any(static arg => arg is "--help" or "-h" or "-?") => (Overview, false),
        ["config", "show", ..] or ["serve" or "pull" or "inspect" or "keys", ..] or [] => null,
        [var word, ..] when !word.StartsWith('-') && !word.StartsWith('/') && !word.Contains('=') => ($"'{word}' is not known.{Environment.NewLine}{Environment.NewLine}{Overview}", true),
        _ => null,
    };

    /// <summary>Prints it, a mistake to standard error, and returns the exit code.</summary>
    public static int Say((string Text, bool Wrong) help)
    {
        (help.Wrong ? Console.Error : Console.Out).WriteLine(help.Text);
        return help.Wrong ? 2 : 0;
    }

    /// <summary>Does what is asked for and returns the exit code; null where that is to serve.</summary>
    public static async Task<int?> RunAsync(string[] args, GatewayOptions options)
    {
        switch (args)
        {
            case ["pull", .. var rest]:
                return await PullCommand.RunAsync(rest, options, Startup.Interrupted());
            case ["inspect", ..]:
                return await ModelInspection.PrintAsync(args.AsMemory(1), CancellationToken.None);
            case ["keys", .. var rest]:
                return await KeysCommand.RunAsync(rest, options, Console.Out, Console.Error, Startup.Interrupted());
            case ["config", "show", ..]:
                ConfigCommand.Show(options);
                return 0;
            default:
                return null;
        }
    }
}
