using System.Text.Json;

namespace Gateway.Usage.Reading;

/// <summary>What stands in a bucket. All is text: pictures and sounds are not told apart.</summary>
internal static class BucketShape
{
    public static void Usage(Utf8JsonWriter json, IReadOnlyDictionary<string, string?> group, Sums sums)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "organization.usage.completions.result"u8);
        json.WriteNumber("input_tokens"u8, sums.Prompt);
        json.WriteNumber("output_tokens"u8, sums.Completion);
        json.WriteNumber("input_cached_tokens"u8, sums.Cached);
        json.WriteNumber("input_uncached_tokens"u8, sums.Prompt - sums.Cached);
        json.WriteNumber("input_audio_tokens"u8, 0);
        json.WriteNumber("output_audio_tokens"u8, 0);
        json.WriteNumber("num_model_requests"u8, sums.Calls);
        foreach (var (name, value) in group) json.WriteString(name, value);
        json.WriteEndObject();
    }

    public static void Cost(Utf8JsonWriter json, IReadOnlyDictionary<string, string?> group, Sums sums)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "organization.costs.result"u8);
        json.WriteStartObject("amount"u8);
        json.WriteNumber("value"u8, sums.Cost);
        json.WriteString("currency"u8, "usd"u8);
        json.WriteEndObject();
        foreach (var (name, value) in group) json.WriteString(name, value);
        json.WriteNull("quantity"u8);
        json.WriteNull("quantity_unit"u8);
        json.WriteEndObject();
    }
}
