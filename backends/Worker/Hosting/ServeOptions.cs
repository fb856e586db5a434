using System.Globalization;
using Gateway.Worker.Models;

namespace Gateway.Worker.Hosting;

/// <summary>The command line of <c>serve</c>.</summary>
internal sealed record ServeOptions(string Name, string Path)
{
    public string Backend { get; init; } = "auto";

    public string Device { get; init; } = "auto";

    public string Weights { get; init; } = "auto";

    public int? Context { get; init; }

    public string Urls { get; init; } = "http://127.0.0.1:8081";

    public bool ExitWithParent { get; init; }

    public WorkerLimits Limits { get; init; } = new();

    /// <exception cref="FormatException">The command line is wrong; the message says where.</exception>
    public static ServeOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new ServeOptions("", "");
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--exit-with-parent")
            {
                options = options with { ExitWithParent = true };
                continue;
            }

            if (!name.StartsWith("--", StringComparison.Ordinal)) throw new FormatException($"unexpected argument '{name}'");
            var value = ++i < arguments.Length ? arguments[i] : null;
            options = name switch
            {
                "--name" => options with { Name = Text() },
                "--path" => options with { Path = Text() },
                "--backend" => EngineChoice.Backends.Contains(Text()) ? options with { Backend = Text() } : throw new FormatException($"--backend: '{value}' is not one of {string.Join(", ", EngineChoice.Backends)}"),
                "--device" => options with { Device = Text() },
                "--weights" => options with { Weights = Text() },
                "--urls" => options with { Urls = Text() },
                "--context" => options with { Context = (int)Positive(int.MaxValue) },
                "--max-body-bytes" => options with { Limits = options.Limits with { MaxBodyBytes = Positive(int.MaxValue) } },
                _ => throw new FormatException($"unknown option '{name}'"),
            };

            string Text() => string.IsNullOrEmpty(value) ? throw new FormatException($"{name} needs a value") : value;

            long Positive(long maximum) => long.TryParse(Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= maximum
                ? number
                : throw new FormatException($"{name}: '{value}' is not a whole number from 1 to {maximum}");
        }

        if (options.Name.Length == 0) throw new FormatException("--name is missing");
        return options.Path.Length > 0 ? options : throw new FormatException("--path is missing");
    }
}
