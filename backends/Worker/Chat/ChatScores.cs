using System.Text.Json;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Chat;

/// <summary>The <c>logprobs</c> of a chat choice.</summary>
internal sealed class ChatScores(Tokenizer tokenizer)
{
    /// <param name="json">Inside the choice.</param>
    /// <param name="tokens">Null writes null: not asked for, or nothing to score.</param>
    public void Write(Utf8JsonWriter json, IReadOnlyList<AnswerToken>? tokens)
    {
        if (tokens is null)
        {
            json.WriteNull("logprobs"u8);
            return;
        }

        json.WriteStartObject("logprobs"u8);
        json.WriteStartArray("content"u8);
        foreach (var token in tokens)
        {
            if (token.Scores is not { } scores) continue;
            json.WriteStartObject();
            Entry(json, new TokenLogProb(scores.Token, scores.LogProb));
            json.WriteStartArray("top_logprobs"u8);
            foreach (var top in scores.Top)
            {
                json.WriteStartObject();
                Entry(json, top);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
    }

    private void Entry(Utf8JsonWriter json, TokenLogProb token)
    {
        json.WriteString("token"u8, TokenNames.Name(tokenizer, token.Token));
        json.WriteNumber("logprob"u8, TokenNames.Finite(token.LogProb));
        json.WriteStartArray("bytes"u8);
        foreach (var b in tokenizer.TokenBytes(token.Token).Span) json.WriteNumberValue(b);
        json.WriteEndArray();
    }
}
