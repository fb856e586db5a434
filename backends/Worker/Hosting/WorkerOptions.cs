using System.Globalization;

namespace Gateway.Worker.Hosting;

/// <summary>The command line of <c>serve</c>.</summary>
internal sealed record WorkerOptions
{
    public string Name { get; init; } = "";

    public string Path { get; init; } = "";

    public string Backend { get; init; } = "auto";

    public string Device { get; init; } = "auto";

    public string Weights { get; init; } = "auto";

    public int? Context { get; init; }

    public string Urls { get; init; } = "http://127.0.0.1:8081";

    /// <summary>Whether the end of standard input ends the worker: its parent is gone.</summary>
    public bool ExitWithParent { get; init; }

    public long MaxBodyBytes { get; init; } = 1L << 30; // the gateway has the caller's limit

    /// <exception cref="ArgumentException">An option is not known, or its value is not right.</exception>
    public static WorkerOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new WorkerOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var option = args[i];
            if (option == "--exit-with-parent")
            {
                options = options with { ExitWithParent = true };
                continue;
            }

            if (i + 1 >= args.Length) throw new ArgumentException($"the option {option} is not known or misses its value");
            var value = args[++i];
            options = option switch
            {
                "--name" => options with { Name = value },
                "--path" => options with { Path = value },
                "--backend" => value is "auto" or "torch" ? options with { Backend = value } : throw new ArgumentException($"the backend '{value}' is not known; known are auto and torch"),
                "--device" => options with { Device = value },
                "--weights" => options with { Weights = value },
                "--context" => int.TryParse(value, CultureInfo.InvariantCulture, out var context) && context > 0 ? options with { Context = context } : throw new ArgumentException($"the context '{value}' is not a positive number"),
                "--urls" => options with { Urls = value },
                _ => throw new ArgumentException($"the option {option} is not known"),
            };
        }

        if (options.Name.Length == 0) throw new ArgumentException("the option --name is missing");
        if (options.Path.Length == 0) throw new ArgumentException("the option --path is missing");
        return options;
    }
}
