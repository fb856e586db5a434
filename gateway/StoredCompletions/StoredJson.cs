using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Calls;

namespace Gateway.StoredCompletions;

/// <summary>Rows as the contract's objects, and answers as rows. What came as JSON is kept as it came.</summary>
internal static class StoredJson
{
    private const int MaxIdLength = 256;

    /// <summary>The stored object names the sampling of its request too, as the live service's does; null where the caller left it to the model.</summary>
    private static readonly string[] Asked = ["tool_choice", "tools", "seed", "temperature", "top_p", "presence_penalty", "frequency_penalty", "response_format"];

    /// <summary>Texts stay readable: é is not \u00e9.</summary>
    public static JsonWriterOptions Writing { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The row of a good answer.</summary>
    /// <exception cref="JsonException">The answer is not what the contract says.</exception>
    public static StoredCompletion ToRow(RecordedCall call, byte[] plain)
    {
        using var request = RequestJson.Parse(call.Request);
        var asked = request.RootElement;
        var answer = JsonNode.Parse(plain) as JsonObject ?? throw new JsonException("the answer is not an object");
        var id = Text(answer, "id");
        if (id is null or "" || id.Length > MaxIdLength || id.Contains('\0')) throw new JsonException("the answer has no usable id");
        if (answer["choices"] is not JsonArray) throw new JsonException("the answer has no choices");
        answer.Remove("metadata");
        answer["request_id"] = call.RequestId;
        foreach (var name in Asked) answer[name] = asked.TryGetProperty(name, out var value) ? JsonNode.Parse(value.GetRawText()) : null;
        answer["input_user"] = asked.TryGetProperty("user"u8, out var user) ? JsonNode.Parse(user.GetRawText()) : null;
        var metadata = asked.TryGetProperty("metadata"u8, out var given) ? MetadataRules.Read(given) : [];
        return new StoredCompletion
        {
            Id = id,
            Owner = call.Owner,
            Model = call.Model,
            AnsweredModel = Text(answer, "model")?.Replace("\0", "", StringComparison.Ordinal) ?? call.Model,
            Created = answer["created"] is JsonValue created && created.TryGetValue<long>(out var seconds) ? seconds : call.At,
            StoredAt = call.At,
            Answer = answer.ToJsonString(Relaxed),
            Messages = asked.GetProperty("messages"u8).GetRawText(),
            Metadata = [.. metadata.Select(pair => new StoredMetadata { Key = pair.Key, Value = pair.Value })],
        };
    }

    /// <summary>The contract's object.</summary>
    public static void Write(Utf8JsonWriter json, StoredCompletion row)
    {
        using var answer = JsonDocument.Parse(row.Answer);
        json.WriteStartObject();
        foreach (var member in answer.RootElement.EnumerateObject()) member.WriteTo(json);
        json.WriteStartObject("metadata"u8);
        foreach (var pair in row.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(pair.Key, pair.Value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The request's messages as the contract lists them: each with an id, and parts apart from a plain text.</summary>
    public static List<JsonObject> Messages(StoredCompletion row)
    {
        var messages = new List<JsonObject>();
        foreach (var message in (JsonNode.Parse(row.Messages) as JsonArray ?? []).OfType<JsonObject>())
        {
            var content = message["content"]?.DeepClone();
            var listed = new JsonObject { ["id"] = $"{row.Id}-{messages.Count}", ["role"] = message["role"]?.DeepClone(), ["content"] = content is JsonArray ? null : content };
            listed["refusal"] = message["refusal"]?.DeepClone();
            listed["content_parts"] = content as JsonArray;
            listed["name"] = message["name"]?.DeepClone();
            foreach (var (name, value) in message.Where(member => !listed.ContainsKey(member.Key))) listed[name] = value?.DeepClone();
            messages.Add(listed);
        }

        return messages;
    }

    private static string? Text(JsonObject answer, string name) => answer[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
