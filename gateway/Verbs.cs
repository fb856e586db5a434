using Gateway.Configuration;
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

        gateway config show
            Prints the settings in effect.

        Settings come from appsettings.json beside the program, gateway.json in the working directory, each --config FILE, the environment
        (Gateway__ModelsFolder=…) and the command line (--Gateway:ModelsFolder=…); later ones win.
        """;

    /// <summary>What to print instead of doing anything, where that is asked for or the verb is not known.</summary>
    public static (string Text, bool Wrong)? Help(string[] args) => args switch
    {
        ["help" or "--help" or "-h" or "-?", ..] or [_, "--help" or "-h" or "-?", ..] => (Overview, false),
        ["config", "show", ..] or ["serve" or "pull" or "inspect", ..] or [] => null,
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
            case ["config", "show", ..]:
                ConfigCommand.Show(options);
                return 0;
            default:
                return null;
        }
    }
}
