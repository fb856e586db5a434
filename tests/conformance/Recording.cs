using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>An exchange with the live service, as it was recorded.</summary>
/// <param name="Number">Line of the file.</param>
/// <param name="Name">The test that made it.</param>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">Below <c>/v1/</c>, without the query.</param>
/// <param name="Request">Its JSON; null where there was none.</param>
/// <param name="IsKept">Whether the request was small enough to be kept.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="Answer">Its JSON; null for a stream.</param>
/// <param name="Events">The data of a stream's events.</param>
internal sealed record Recording(int Number, string Name, HttpMethod Method, string Path, JsonObject? Request, bool IsKept, int Status, JsonNode? Answer, List<string>? Events)
{
    private const string Root = "https://api.openai.com/v1/";
    private static readonly Lazy<List<Recording>> Lines = new(Read);

    /// <summary>All of the file, none where it is absent.</summary>
    public static IReadOnlyList<Recording> All() => Lines.Value;

    /// <summary>The data of the events of a stream.</summary>
    public static List<string> Split(string stream) =>
        [.. stream.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..])];

    private static List<Recording> Read()
    {
        var file = System.IO.Path.Combine(Shared.Root, "..", "shared", "api", "recorded-exchanges.jsonl");
        return File.Exists(file) ? [.. File.ReadLines(file).Select((line, at) => Of(JsonNode.Parse(line)!, at))] : [];
    }

    private static Recording Of(JsonNode line, int number)
    {
        var path = line["url"]!.ToString()[Root.Length..];
        var response = line["response"];
        var stream = response is JsonValue text && text.GetValueKind() == System.Text.Json.JsonValueKind.String && text.ToString().StartsWith("data:", StringComparison.Ordinal) ? response.ToString() : null;
        var method = (string?)line["method"];
        return new Recording(
            number, line["test"]!.ToString(), new HttpMethod(string.IsNullOrEmpty(method) ? "GET" : method), path.Split('?')[0], line["request"] as JsonObject, line["request"] is null or JsonObject, (int)line["status"]!,
            stream is null ? response?.DeepClone() : null, stream is null ? null : Split(stream));
    }
}
