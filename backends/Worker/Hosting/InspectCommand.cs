using System.Globalization;
using System.Text.Json;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Hosting;

/// <summary><c>inspect</c>: says of each folder or file what it is and whether it can be served, without Torch and without reading weights.</summary>
internal static class InspectCommand
{
    /// <summary>One JSON line each.</summary>
    public static int Run(ReadOnlySpan<string> paths)
    {
        using var output = Console.OpenStandardOutput();
        foreach (var path in paths)
        {
            using (var json = new Utf8JsonWriter(output, WireJson.Writing)) Write(json, ModelReport.Of(path));
            output.Write("\n"u8);
        }

        return 0;
    }

    /// <summary>For people; the exit code is 1 where something cannot be served.</summary>
    public static int Print(ReadOnlySpan<string> paths, TextWriter output)
    {
        var exit = 0;
        foreach (var path in paths)
        {
            var report = ModelReport.Of(path);
            if (report.Refusal is not null) exit = 1;
            Print(report, output);
        }

        return exit;
    }

    internal static void Write(Utf8JsonWriter json, ModelReport report)
    {
        json.WriteStartObject();
        json.WriteString("path"u8, report.Path);
        json.WriteBoolean("ok"u8, report.Refusal is null);
        if (report.Refusal is not null)
        {
            json.WriteString("reason"u8, report.Refusal);
            json.WriteEndObject();
            return;
        }

        json.WriteString("task"u8, report.Task);
        json.WriteString("architecture"u8, report.Architecture);
        json.WriteNumber("context"u8, report.Context);
        json.WriteNumber("parameters"u8, report.Parameters);
        json.WriteStartArray("stored_as"u8);
        foreach (var type in report.StoredAs) json.WriteStringValue(type);
        json.WriteEndArray();
        if (report.Layers > 0)
        {
            json.WriteNumber("layers"u8, report.Layers);
            json.WriteNumber("hidden"u8, report.Hidden);
            json.WriteNumber("vocabulary"u8, report.Vocabulary);
            json.WriteNumber("cache_bytes_per_1000_tokens"u8, report.CachePerThousand);
        }

        if (report.Dimensions is { } dimensions) json.WriteNumber("dimensions"u8, dimensions);
        json.WriteBoolean("has_template"u8, report.HasTemplate);
        json.WriteString("tokenizer"u8, report.Tokenizer);
        json.WriteStartObject("memory_bytes"u8);
        foreach (var (format, bytes) in report.Memory) json.WriteNumber(format, bytes);
        json.WriteEndObject();
        json.WriteString("engine"u8, report.Choice!.Engine);
        json.WriteString("engine_reason"u8, report.Choice.Reason);
        json.WriteEndObject();
    }

    internal static void Print(ModelReport report, TextWriter output)
    {
        output.WriteLine(report.Path);
        if (report.Refusal is not null)
        {
            output.WriteLine($"  cannot be served: {report.Refusal}");
            return;
        }

        void Line(string name, string value) => output.WriteLine($"  {name,-12} {value}");
        Line("family", $"{report.Architecture} ({report.Task})");
        if (report.Parameters > 0) Line("parameters", string.Create(CultureInfo.InvariantCulture, $"{report.Parameters:N0} stored as {string.Join(", ", report.StoredAs)}"));
        if (report.Layers > 0) Line("shape", string.Create(CultureInfo.InvariantCulture, $"{report.Layers} layers of {report.Hidden}, vocabulary {report.Vocabulary:N0}"));
        Line("context", string.Create(CultureInfo.InvariantCulture, $"{report.Context:N0} tokens"));
        if (report.Dimensions is { } dimensions) Line("vectors", $"{dimensions} dimensions");
        Line("tokenizer", report.Tokenizer);
        if (report.Task == "generation") Line("template", report.HasTemplate ? "chat template included" : "none: completions only, no chat");
        if (report.Memory.Count > 0) Line("memory", string.Join(" · ", report.Memory.Select(memory => $"{memory.Format} {Size(memory.Bytes)}")));
        if (report.CachePerThousand > 0) Line("cache", $"{Size(report.CachePerThousand)} for 1,000 tokens");
        Line("engine", $"{report.Choice!.Engine}: {report.Choice.Reason}");
    }

    private static string Size(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):F0} MiB");
}
