using System.Text.Json;
using Gateway.LocalWorkers;

namespace Gateway.Models;

/// <summary>A model that is not published, and why.</summary>
public sealed record SkippedModel(string Name, string Reason);

/// <summary>Asks the worker program which folders it can serve; it reads headers only.</summary>
public static class ModelInspection
{
    /// <summary>Splits candidates into those that can be served and those that cannot.</summary>
    public static async Task<(IReadOnlyList<PublishedModel> Served, IReadOnlyList<SkippedModel> Skipped)> RunAsync(IReadOnlyList<PublishedModel> candidates, CancellationToken cancellation)
    {
        if (candidates.Count == 0) return ([], []);
        var served = new List<PublishedModel>();
        var skipped = new List<SkippedModel>();
        var reports = await ReportsAsync([.. candidates.Where(model => model.IsHere).Select(model => model.Path)], cancellation);
        foreach (var model in candidates)
        {
            if (!model.IsHere) served.Add(model); // it shows what it is once it is pulled
            else if (!reports.TryGetValue(model.Path, out var reason)) skipped.Add(new SkippedModel(model.Name, "it could not be inspected"));
            else if (reason is not null) skipped.Add(new SkippedModel(model.Name, reason));
            else served.Add(model);
        }

        return (served, skipped);
    }

    /// <summary>By path: null for a folder that can be served, else the reason.</summary>
    private static async Task<Dictionary<string, string?>> ReportsAsync(string[] paths, CancellationToken cancellation)
    {
        if (paths.Length == 0) return [];
        using var process = WorkerProgram.Start(["inspect", .. paths], redirectOutput: true);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var reports = new Dictionary<string, string?>();
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (!line.StartsWith('{')) continue;
            using var report = JsonDocument.Parse(line);
            var root = report.RootElement;
            reports[root.GetProperty("path").GetString()!] = root.GetProperty("ok").GetBoolean() ? null : root.GetProperty("reason").GetString() ?? "";
        }

        await errors;
        await process.WaitForExitAsync(cancellation);
        return reports;
    }
}
