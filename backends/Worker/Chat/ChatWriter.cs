using System.Text;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>Chat chunks in the live service's order (role, text, finish, usage), and the plain answer as their fold.</summary>
internal sealed class ChatWriter(LoadedModel model, ChatCall call, string id, long created) : IAnswerWriter
{
    private readonly UsageCount usage = new(call.Request.Prompt.Length, call.Choices);
    private readonly ChatScores scores = new(model.Tokenizer);
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
            scores.Write(json, call.LogProbs ? choices[i].Scores : null);
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

    private void Chunk(Utf8JsonWriter json, int index, Action<Utf8JsonWriter> delta, FinishReason? finish, IReadOnlyList<ScoredToken>? tokens)
    {
        Head(json, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        scores.Write(json, call.LogProbs ? tokens : null);
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

    private sealed class Choice
    {
        public bool Opened { get; set; }

        public StringBuilder Text { get; } = new();

        public List<ScoredToken> Scores { get; } = [];

        public FinishReason? Finish { get; set; }
    }
}
