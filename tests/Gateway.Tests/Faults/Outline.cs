using System.Text;
using System.Text.Json;

namespace Gateway.Tests.Faults;

/// <summary>An answer in a few words: its status, the code of its error, or each event of its stream in order, and whether the connection was cut.</summary>
internal static class Outline
{
    public static async Task<string> OfAsync(HttpResponseMessage answer, TaskCompletionSource? began = null)
    {
        var (text, cut) = await ReadAsync(answer, began);
        var status = (int)answer.StatusCode;
        var body = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? Events(text) : Body(text, status);
        var later = answer.Headers.RetryAfter?.Delta is { } wait ? $", Retry-After {wait.TotalSeconds:F0}" : "";
        return $"{status} {body}{later}{(cut ? ", cut" : "")}".Trim();
    }

    /// <summary>Of an answer's bytes.</summary>
    public static string OfText(string text)
    {
        while (text.StartsWith("HTTP/1.1 1", StringComparison.Ordinal)) text = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (text.Length == 0) return "closed";
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (head, body) = (text[..end], text[(end + 4)..]);
        var status = int.Parse(head.AsSpan(9, 3));
        var cut = false;
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)) body = Chunks(body, out cut);
        return $"{status} {(head.Contains("text/event-stream", StringComparison.Ordinal) ? Events(body) : Body(body, status))}{(cut ? ", cut" : "")}".Trim();
    }

    public static string Events(string text)
    {
        var seen = new List<(string What, int Times)>();
        foreach (var part in text.ReplaceLineEndings("\n").Split("\n\n"))
        {
            if (part.Length == 0) continue;
            var what = part switch
            {
                _ when part.StartsWith(':') => "comment",
                "data: [DONE]" => "[DONE]",
                _ when part.TrimStart('\uFEFF', '\u00EF', '\u00BB', '\u00BF').StartsWith("data: {\"error\"", StringComparison.Ordinal) => "error " + Code(part[6..]),
                _ when part.Contains("data:", StringComparison.Ordinal) => "data",
                _ => "rubbish",
            };
            if (seen.Count > 0 && seen[^1].What == what) seen[^1] = (what, seen[^1].Times + 1);
            else seen.Add((what, 1));
        }

        return string.Join(", ", seen.Select(entry => entry.Times == 1 ? entry.What : $"{entry.What} ×{entry.Times}"));
    }

    private static string Body(string text, int status) => text == Wire.Answer ? "whole" : status >= 400 ? Code(text) : text.Length == 0 ? "empty" : "other";

    // Every error has the one shape.
    private static string Code(string text)
    {
        using var parsed = JsonDocument.Parse(text);
        var error = parsed.RootElement.GetProperty("error");
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
        error.GetProperty("type").GetString().ShouldNotBeNullOrWhiteSpace();
        error.TryGetProperty("param", out _).ShouldBeTrue();
        return error.GetProperty("code").GetString() ?? error.GetProperty("type").GetString()!;
    }

    private static string Chunks(string body, out bool cut)
    {
        var text = new StringBuilder();
        cut = true;
        while (body.Length > 0)
        {
            var end = body.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(body.AsSpan(0, end), System.Globalization.NumberStyles.HexNumber);
            text.Append(body, end + 2, size);
            body = body[(end + 2 + size + 2)..];
            if (size > 0) continue;
            cut = false;
            break;
        }

        return text.ToString();
    }

    private static async Task<(string Text, bool Cut)> ReadAsync(HttpResponseMessage answer, TaskCompletionSource? began)
    {
        var text = new MemoryStream();
        var buffer = new byte[64 << 10];
        await using var body = await answer.Content.ReadAsStreamAsync();
        try
        {
            while (await body.ReadAsync(buffer) is > 0 and var read)
            {
                text.Write(buffer, 0, read);
                if (Said().Contains("\n\n", StringComparison.Ordinal)) began?.TrySetResult();
            }

            return (Said(), false);
        }
        catch (IOException)
        {
            return (Said(), true);
        }

        string Said() => Encoding.UTF8.GetString(text.ToArray());
    }
}
