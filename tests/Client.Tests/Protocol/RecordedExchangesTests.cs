using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;

namespace Gateway.Client.Tests.Protocol;

/// <summary>What the live service was asked and said, read into our records and written again: nothing that was there may be lost or changed.</summary>
public sealed class RecordedExchangesTests
{
    // Named once each: what our records leave out by design.
    private static readonly HashSet<string> s_notOurs = ["obfuscation", "cache_write_tokens", "text_tokens", "image_tokens", "moderation", "tool_call_id"];

    [Fact]
    public async Task Recorded_chats_and_models_survive_a_round_trip()
    {
        var checkedBodies = 0;
        await foreach (var line in File.ReadLinesAsync(Shared.Optional("api", "recorded-exchanges.jsonl")))
        {
            var exchange = JsonNode.Parse(line)!;
            var path = new Uri((string)exchange["url"]!).AbsolutePath;
            var status = (int)exchange["status"]!;
            if (path == "/v1/chat/completions" && (string)exchange["method"]! == "POST")
            {
                if (exchange["request"] is JsonObject request) Check(request, ProtocolJson.Wire.ChatRequest, ref checkedBodies);
                if (exchange["response"] is JsonObject answer)
                {
                    if (status == 200) Check(answer, ProtocolJson.Wire.ChatCompletion, ref checkedBodies);
                    else Check(answer, ProtocolJson.Wire.ApiError, ref checkedBodies);
                }
                else if (exchange["response"] is JsonValue text && status == 200)
                {
                    await foreach (var data in Sse.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes((string)text!))))
                        if (data != Sse.Done && JsonNode.Parse(data) is JsonObject chunk) Check(chunk, ProtocolJson.Wire.ChatCompletionChunk, ref checkedBodies);
                }
            }
            else if (path.StartsWith("/v1/chat/completions", StringComparison.Ordinal) && exchange["response"] is JsonObject stored) CheckStored(exchange, path, stored, ref checkedBodies);
            else if (path == "/v1/models" && exchange["response"] is JsonObject list) Check(list, ProtocolJson.Wire.ModelList, ref checkedBodies);
            else if (path.StartsWith("/v1/models/", StringComparison.Ordinal) && status == 200) Check(exchange["response"]!.AsObject(), ProtocolJson.Wire.Model, ref checkedBodies);
        }

        checkedBodies.ShouldBeGreaterThan(60);
    }

    private static void CheckStored(JsonNode exchange, string path, JsonObject answer, ref int count)
    {
        if (exchange["request"] is JsonObject request) Check(request, ProtocolJson.Wire.ChatMetadataUpdate, ref count);
        if ((int)exchange["status"]! != 200) Check(answer, ProtocolJson.Wire.ApiError, ref count);
        else if (path.EndsWith("/messages", StringComparison.Ordinal)) Check(answer, ProtocolJson.Wire.StoredChatMessageList, ref count);
        else if ((string?)exchange["method"] == "DELETE") Check(answer, ProtocolJson.Wire.ChatCompletionDeleted, ref count);
        else if ((string?)answer["object"] == "list") answer["data"]!.AsArray().Count.ShouldBe(answer.Deserialize(ProtocolJson.Wire.ChatCompletionList)!.Data.Count);
        else answer.Deserialize(ProtocolJson.Wire.ChatCompletion)!.Metadata.ShouldNotBeNull(); // it also repeats the request, which our record leaves out
    }

    private static void Check<T>(JsonObject recorded, JsonTypeInfo<T> shape, ref int count)
    {
        var written = JsonNode.Parse(JsonSerializer.Serialize(recorded.Deserialize(shape)!, shape))!;
        Lost(recorded, written, "$").ShouldBe([], recorded.ToJsonString());
        count++;
    }

    /// <summary>Paths of what the written JSON lacks or has otherwise. A null may be left out of requests, where it means the same.</summary>
    private static IEnumerable<string> Lost(JsonNode? recorded, JsonNode? written, string path)
    {
        switch (recorded)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (s_notOurs.Contains(key) || (value is null && written is JsonObject known && !known.ContainsKey(key))) continue;
                    foreach (var lost in Lost(value, (written as JsonObject)?[key], $"{path}.{key}")) yield return lost;
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                    foreach (var lost in Lost(list[i], written is JsonArray other && i < other.Count ? other[i] : null, $"{path}[{i}]")) yield return lost;
                break;
            default:
                if (!JsonNode.DeepEquals(recorded, written) && !(written is JsonArray { Count: 1 } only && JsonNode.DeepEquals(recorded, only[0]))) yield return path;
                break;
        }
    }
}
