using System.Text.Json;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Completions;

/// <summary>The <c>logprobs</c> of a legacy choice: four parallel arrays.</summary>
internal sealed class CompletionScores(Tokenizer tokenizer)
{
    public void Write(Utf8JsonWriter json, IReadOnlyList<OffsetToken> tokens, int top)
    {
        json.WriteStartObject("logprobs"u8);
        json.WriteStartArray("tokens"u8);
        foreach (var token in tokens) json.WriteStringValue(TokenNames.Name(tokenizer, token.Id));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs"u8);
        foreach (var token in tokens)
        {
            if (token.Scores is { } scores) json.WriteNumberValue(TokenNames.Finite(scores.LogProb));
            else json.WriteNullValue(); // nothing precedes the first token of a prompt
        }

        json.WriteEndArray();
        json.WriteStartArray("top_logprobs"u8);
        foreach (var token in tokens) WriteTop(json, token.Scores, top);
        json.WriteEndArray();
        json.WriteStartArray("text_offset"u8);
        foreach (var token in tokens) json.WriteNumberValue(token.Offset);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteTop(Utf8JsonWriter json, TokenLogProbs? scores, int top)
    {
        if (scores is null)
        {
            json.WriteNullValue();
            return;
        }

        // The chosen token is always among them; of two ids with one name the likelier stays.
        var written = new HashSet<string>(StringComparer.Ordinal);
        json.WriteStartObject();
        foreach (var entry in scores.Top.Take(top).Append(new TokenLogProb(scores.Token, scores.LogProb)))
        {
            var name = TokenNames.Name(tokenizer, entry.Token);
            if (written.Add(name)) json.WriteNumber(name, TokenNames.Finite(entry.LogProb));
        }

        json.WriteEndObject();
    }
}
