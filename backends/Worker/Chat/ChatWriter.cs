using System.Text;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>Chat chunks in the live service's order (role, text, finish, usage), and the plain answer as their fold.</summary>
internal sealed class ChatWriter(LoadedModel model, ChatCall call, string id, long created) : IAnswerWriter
{
    private readonly UsageCount usage = new(call.Request.Prompt.Length, call.Choices);
    private readonly Choice[] choices = [.. Enumerable.Range(0, call.Choices).Select(_ => new Choice())];

    public IEnumerable<Action<Utf8JsonWriter>> Chunks(Piece piece)
    {
        usage.Add(piece);
        var choice = choices[piece.Choice];
        if (!choice.Opened)
        {
            choice.Opened = true;
            yield return json => Chunk(json, piece.Choice, Opening, null, []);
        }

        if (piece.Text.Length > 0 || piece.Scores.Count > 0)
            yield return json => Chunk(json, piece.Choice, delta => delta.WriteString("content"u8, piece.Text), null, piece.Scores);
        if (piece.Finish is { } finish) yield return json => Chunk(json, piece.Choice, _ => { }, finish, null);
    }

    public void UsageChunk(Utf8JsonWriter json)
    {
        Head(json, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    public void Fold(Piece piece)
    {
        usage.Add(piece);
        var choice = choices[piece.Choice];
        choice.Text.Append(piece.Text);
        choice.Scores.AddRange(piece.Scores);
        choice.Finish = piece.Finish ?? choice.Finish;
    }

    public void Plain(Utf8JsonWriter json)
    {
        Head(json, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        for (var i = 0; i < choices.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, i);
            json.WriteStartObject("message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, choices[i].Text.ToString());
            json.WriteNull("refusal"u8);
            json.WriteStartArray("annotations"u8);
            json.WriteEndArray();
            json.WriteEndObject();
            LogProbs(json, call.LogProbs ? choices[i].Scores : null);
            json.WriteString("finish_reason"u8, FinishNames.Of(choices[i].Finish));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    private static void Opening(Utf8JsonWriter delta)
    {
        delta.WriteString("role"u8, "assistant"u8);
        delta.WriteString("content"u8, ""u8);
        delta.WriteNull("refusal"u8);
    }

    private void Chunk(Utf8JsonWriter json, int index, Action<Utf8JsonWriter> delta, FinishReason? finish, IReadOnlyList<ScoredToken>? scores)
    {
        Head(json, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        LogProbs(json, call.LogProbs ? scores : null);
        json.WriteString("finish_reason"u8, FinishNames.Of(finish));
        json.WriteEndObject();
        json.WriteEndArray();
        if (call.Streaming.IncludeUsage) json.WriteNull("usage"u8);
        json.WriteEndObject();
    }

    private void Head(Utf8JsonWriter json, ReadOnlySpan<byte> kind)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, created);
        json.WriteString("model"u8, model.Name);
        json.WriteString("service_tier"u8, call.ServiceTier);
        json.WriteString("system_fingerprint"u8, model.Fingerprint);
    }

    private void LogProbs(Utf8JsonWriter json, IReadOnlyList<ScoredToken>? scores)
    {
        if (scores is null)
        {
            json.WriteNull("logprobs"u8);
            return;
        }

        json.WriteStartObject("logprobs"u8);
        json.WriteStartArray("content"u8);
        foreach (var score in scores)
        {
            json.WriteStartObject();
            Token(json, new TokenLogProb(score.LogProbs.Token, score.LogProbs.LogProb));
            json.WriteStartArray("top_logprobs"u8);
            foreach (var top in score.LogProbs.Top)
            {
                json.WriteStartObject();
                Token(json, top);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("refusal"u8);
        json.WriteEndObject();
    }

    private void Token(Utf8JsonWriter json, TokenLogProb token)
    {
        json.WriteString("token"u8, TokenNames.Name(model.Tokenizer, token.Token));
        // JSON has no infinity; −9999 is how the service says "not possible".
        json.WriteNumber("logprob"u8, float.IsFinite(token.LogProb) ? token.LogProb : -9999f);
        json.WriteStartArray("bytes"u8);
        foreach (var b in model.Tokenizer.TokenBytes(token.Token).Span) json.WriteNumberValue(b);
        json.WriteEndArray();
    }

    private sealed class Choice
    {
        public bool Opened { get; set; }

        public StringBuilder Text { get; } = new();

        public List<ScoredToken> Scores { get; } = [];

        public FinishReason? Finish { get; set; }
    }
}
