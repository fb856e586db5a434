using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Client.Errors;
using Gateway.Protocol;

namespace Gateway.Client.Wire;

/// <summary>One event's data is a chunk, or the error object that ends a stream.</summary>
internal static class EventReader
{
    public static T Read<T>(string data, JsonTypeInfo<T> shape, string? requestId)
    {
        try
        {
            // An error is rare and its key is short: only data that could hold one is read twice.
            if (data.Contains("\"error\"", StringComparison.Ordinal) && ErrorOf(data) is { } error)
                throw new StreamBrokenException(error.Message) { Error = error, RequestId = requestId };
            return JsonSerializer.Deserialize(data, shape) ?? throw new JsonException("The event is null.");
        }
        catch (JsonException e)
        {
            throw new StreamBrokenException($"An event of the stream is not what the contract says: {e.Message}", e) { RequestId = requestId };
        }
    }

    private static ApiErrorBody? ErrorOf(string data)
    {
        using var json = JsonDocument.Parse(data);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("error", out var error)) return null;
        return error.ValueKind is JsonValueKind.Null or JsonValueKind.False ? null : ErrorReader.Body(error);
    }
}
