using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>Chat chunks in the live service's order (role, reasoning, text, finish, usage), and the plain answer as their fold.</summary>
internal sealed class ChatWriter(LoadedModel model, ChatCall call, string id, long created) : IAnswerWriter
{
    private readonly UsageCount usage = new(call.Request.Prompt.Length, call.Answer.Candidates);
    private readonly ChatScores scores = new(model.Tokenizer);
    private readonly ChatChoice[] choices = [.. Enumerable.Range(0, call.Answer.Candidates).Select(_ => new ChatChoice(call.Thinking, call.Tools))];

    public IEnumerable<Action<Utf8JsonWriter>> Chunks(Piece piece)
    {
        usage.Add(piece);
        var choice = choices[piece.Choice];
        if (!choice.Opened)
        {
            choice.Opened = true;
            yield return json => Chunk(json, piece.Choice, Opening, null, [], [], opens: true);
        }

        var part = choice.Take(piece, usage);
        if (part.Reasoning.Length > 0) yield return json => Chunk(json, piece.Choice, delta => delta.WriteString("reasoning_content"u8, part.Reasoning), null, [], Ids(part));
        if (part.Content.Length > 0 || (call.LogProbs && part.Scores.Count > 0))
            yield return json => Chunk(json, piece.Choice, delta => delta.WriteString("content"u8, part.Content), null, part.Scores, Ids(part));
        foreach (var more in part.Calls) yield return json => Chunk(json, piece.Choice, delta => CallDelta(delta, choice.Calls[more.Index], more), null, null, Ids(part));
        if (piece.Finish is not null) yield return json => Chunk(json, piece.Choice, _ => { }, choice.FinishName, null, Ids(part));
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
        choices[piece.Choice].Take(piece, usage);
    }

    public void Plain(Utf8JsonWriter json)
    {
        Head(json, "chat.completion"u8);
        if (call.Answer.ReturnTokenIds) TokenIds.Write(json, "prompt_token_ids"u8, call.Request.Prompt.Span);
        json.WriteStartArray("choices"u8);
        var given = call.Answer.Ranks ? choices.OrderByDescending(choice => choice.Likelihood).Take(call.Answer.Choices) : choices;
        foreach (var (index, choice) in given.Index()) WriteChoice(json, index, choice);
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json, int index, ChatChoice choice)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        if (choice.Reasoning.Length > 0) json.WriteString("reasoning_content"u8, choice.Reasoning);
        if (choice.Calls.Count > 0 && choice.Content.Length == 0) json.WriteNull("content"u8);
        else json.WriteString("content"u8, choice.Content);
        json.WriteNull("refusal"u8);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        WriteCalls(json, choice.Calls);
        json.WriteEndObject();
        scores.Write(json, call.LogProbs ? choice.Scores : null);
        json.WriteString("finish_reason"u8, choice.FinishName);
        if (call.Answer.ReturnTokenIds) TokenIds.Write(json, "token_ids"u8, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(choice.Ids));
        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, List<ChatToolCall> calls)
    {
        if (calls.Count == 0) return;
        json.WriteStartArray("tool_calls"u8);
        foreach (var made in calls)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, made.Id);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, made.Name);
            json.WriteString("arguments"u8, made.Arguments.ToString());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Id, type and name travel once, with the call's first part.
    private static void CallDelta(Utf8JsonWriter delta, ChatToolCall made, ToolCallPart part)
    {
        delta.WriteStartArray("tool_calls"u8);
        delta.WriteStartObject();
        delta.WriteNumber("index"u8, part.Index);
        if (part.Name is not null)
        {
            delta.WriteString("id"u8, made.Id);
            delta.WriteString("type"u8, "function"u8);
        }

        delta.WriteStartObject("function"u8);
        if (part.Name is not null) delta.WriteString("name"u8, part.Name);
        delta.WriteString("arguments"u8, part.Arguments);
        delta.WriteEndObject();
        delta.WriteEndObject();
        delta.WriteEndArray();
    }

    // The tokens of a part travel with its first chunk.
    private static int[] Ids(ChatPart part)
    {
        int[] ids = [.. part.Ids];
        part.Ids.Clear();
        return ids;
    }

    private static void Opening(Utf8JsonWriter delta)
    {
        delta.WriteString("role"u8, "assistant"u8);
        delta.WriteString("content"u8, ""u8);
        delta.WriteNull("refusal"u8);
    }

    private void Chunk(
        Utf8JsonWriter json, int index, Action<Utf8JsonWriter> delta, string? finish, IReadOnlyList<AnswerToken>? tokens, int[] ids, bool opens = false)
    {
        Head(json, "chat.completion.chunk"u8);
        if (opens && call.Answer.ReturnTokenIds) TokenIds.Write(json, "prompt_token_ids"u8, call.Request.Prompt.Span);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("delta"u8);
        delta(json);
        json.WriteEndObject();
        scores.Write(json, call.LogProbs ? tokens : null);
        json.WriteString("finish_reason"u8, finish);
        if (call.Answer.ReturnTokenIds && !opens) TokenIds.Write(json, "token_ids"u8, ids);
        json.WriteEndObject();
        json.WriteEndArray();
        if (call.Answer.Streaming.IncludeUsage) json.WriteNull("usage"u8);
        if (call.Answer.Streaming.Obfuscate) Obfuscation.Write(json);
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
}
