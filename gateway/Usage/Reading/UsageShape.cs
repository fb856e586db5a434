using System.Text.Json;
using Gateway.Policies;

namespace Gateway.Usage.Reading;

/// <summary>Rows and sums as the admin API writes them.</summary>
internal static class UsageShape
{
    public static void Write(Utf8JsonWriter json, UsageRow row)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, row.Id);
        json.WriteNumber("created_at"u8, row.Began / 1_000);
        json.WriteString("key"u8, row.KeyId);
        json.WriteString("key_name"u8, row.KeyName);
        json.WriteString("team"u8, row.Team);
        json.WriteString("model"u8, row.Model);
        json.WriteString("answered_model"u8, row.AnsweredModel);
        json.WriteString("upstream"u8, row.Upstream);
        json.WriteString("operation"u8, row.Operation);
        json.WriteBoolean("stream"u8, row.Stream != 0);
        json.WriteString("outcome"u8, row.Outcome);
        json.WriteNumber("status"u8, row.Status);
        json.WriteNumber("prompt_tokens"u8, row.PromptTokens);
        json.WriteNumber("cached_tokens"u8, row.CachedTokens);
        json.WriteNumber("completion_tokens"u8, row.CompletionTokens);
        json.WriteNumber("reasoning_tokens"u8, row.ReasoningTokens);
        json.WriteBoolean("estimated"u8, row.Estimated != 0);
        json.WriteNumber("cost"u8, Money.Of(row.Cost));
        json.WriteNumber("attempts"u8, row.Attempts);
        if (row.FirstTokenMs is { } first) json.WriteNumber("first_token_ms"u8, first);
        else json.WriteNull("first_token_ms"u8);
        json.WriteNumber("duration_ms"u8, row.DurationMs);
        json.WriteString("request_id"u8, row.RequestId);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<string> names, object?[] group, Sums sums)
    {
        json.WriteStartObject();
        for (var i = 0; i < names.Count; i++)
        {
            if (group[i] is long number) json.WriteNumber(names[i], number);
            else json.WriteString(names[i], group[i] as string);
        }

        json.WriteNumber("calls"u8, sums.Calls);
        json.WriteNumber("prompt_tokens"u8, sums.Prompt);
        json.WriteNumber("cached_tokens"u8, sums.Cached);
        json.WriteNumber("completion_tokens"u8, sums.Completion);
        json.WriteNumber("reasoning_tokens"u8, sums.Reasoning);
        json.WriteNumber("estimated_calls"u8, sums.Estimated);
        json.WriteNumber("cost"u8, sums.Cost);
        json.WriteEndObject();
    }
}
