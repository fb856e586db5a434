using System.Text.Json;

namespace Gateway.Worker.Generation;

/// <summary>Counts tokens while pieces pass. A prompt counts once however many choices share it.</summary>
/// <param name="promptTokens">Of all prompts together.</param>
/// <param name="choicesPerPrompt">How many consecutive choices share a prompt.</param>
internal sealed class UsageCount(int promptTokens, int choicesPerPrompt)
{
    private int completionTokens;
    private int cachedTokens;
    private int reasoningTokens;

    public void Add(in Piece piece)
    {
        completionTokens += piece.Tokens;
        // Later choices share the first one's prompt through the cache; only what was there before the request counts.
        if (piece.Choice % choicesPerPrompt == 0) cachedTokens += piece.CachedTokens;
    }

    public void AddReasoning(int tokens) => reasoningTokens += tokens;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, promptTokens);
        json.WriteNumber("completion_tokens"u8, completionTokens);
        json.WriteNumber("total_tokens"u8, promptTokens + completionTokens);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, cachedTokens);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, reasoningTokens);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteNumber("accepted_prediction_tokens"u8, 0);
        json.WriteNumber("rejected_prediction_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
