using System.Text.Json;
using Gateway.LocalWorkers;

namespace Gateway.Models;

/// <summary>A model that is not published, and why.</summary>
public sealed record SkippedModel(string Name, string Reason);

/// <summary>Asks the worker program which folders it can serve; it reads headers only.</summary>
public static class ModelInspection
{
    /// <summary>Splits candidates into those that can be served and those that cannot.</summary>
    public static async Task<(IReadOnlyList<LocalModel> Served, IReadOnlyList<SkippedModel> Skipped)> RunAsync(IReadOnlyList<LocalModel> candidates, CancellationToken cancellation)
    {
        if (candidates.Count == 0) return ([], []);
        var served = new List<LocalModel>();
        var skipped = new List<SkippedModel>();
        var reports = await ReportsAsync([.. candidates.Where(model => model.IsHere).Select(model => model.Path)], cancellation);
        foreach (var model in candidates)
        {
            if (!model.IsHere) served.Add(model); // it shows what it is once it is pulled
            else if (!reports.TryGetValue(model.Path, out var report)) skipped.Add(new SkippedModel(model.Name, "it could not be inspected"));
            else if (report.Refusal is not null) skipped.Add(new SkippedModel(model.Name, report.Refusal));
            else served.Add(model with { Context = model.Options.Context ?? report.Context });
        }

        return (served, skipped);
    }

    /// <summary>Prints what folders or files are, as the worker program finds it, and returns the exit code.</summary>
    public static async Task<int> PrintAsync(ReadOnlyMemory<string> arguments, CancellationToken cancellation)
    {
        var json = arguments.Span.Contains("--json");
        var paths = arguments.ToArray().Where(argument => argument != "--json").ToArray();
        if (paths.Length == 0)
        {
            await Console.Error.WriteLineAsync("inspect needs a folder or a file.");
            return 2;
        }

        using var process = WorkerProgram.Start(json ? ["inspect", .. paths] : ["inspect", "--text", .. paths], redirectOutput: true);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line) Console.WriteLine(line);
        await Console.Error.WriteAsync(await errors);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    private sealed record Report(string? Refusal, int? Context);

    /// <summary>By path.</summary>
    private static async Task<Dictionary<string, Report>> ReportsAsync(string[] paths, CancellationToken cancellation)
    {
        if (paths.Length == 0) return [];
        using var process = WorkerProgram.Start(["inspect", .. paths], redirectOutput: true);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var reports = new Dictionary<string, Report>();
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (!line.StartsWith('{')) continue;
            using var report = JsonDocument.Parse(line);
            var root = report.RootElement;
            reports[root.GetProperty("path").GetString()!] = root.GetProperty("ok").GetBoolean()
                ? new Report(null, root.GetProperty("context").GetInt32()) : new Report(root.GetProperty("reason").GetString() ?? "", null);
        }

        await errors;
        await process.WaitForExitAsync(cancellation);
        return reports;
    }
}
