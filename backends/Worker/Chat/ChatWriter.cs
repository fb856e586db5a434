using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>Chat chunks in the live service's order (role, reasoning, text, finish, usage), and the plain answer as their fold.</summary>
internal sealed class ChatWriter(LoadedModel model, ChatCall call, string id, long created) : IAnswerWriter
{
    private readonly UsageCount usage = new(call.Request.Prompt.Length, call.Answer.Candidates);
    private readonly ChatScores scores = new(model.Tokenizer);
    private readonly ChatChoice[] choices = [.. Enumerable.Range(0, call.Answer.Candidates).Select(_ => new ChatChoice(call))];
    private readonly CallJson calls = new(call.Tools is { Legacy: true });

    public IEnumerable<Action<Utf8JsonWriter>> Chunks(Piece piece)
    {
        usage.Add(piece);
        var (index, choice) = (piece.Choice, choices[piece.Choice]);
        var part = choice.Take(piece, usage);
        IReadOnlyList<CallPart> more = part.Calls;
        // Where a call may come it is open what the first chunk says: role and empty content, or role, null and the call.
        if (!choice.Opened && (call.Plan is null || part.Reasoning.Length > 0 || part.Content.Length > 0 || more.Count > 0 || piece.Finish is not null))
        {
            choice.Opened = true;
            if (part.Reasoning.Length == 0 && part.Content.Length == 0 && more is [var first, ..])
            {
                more = [.. more.Skip(1)];
                yield return json => Chunk(json, choice, index, delta => Opening(delta, choice.Calls[first.Index], first), null, null, opens: true);
            }
            else
            {
                yield return json => Chunk(json, choice, index, Opening, null, [], opens: true);
            }
        }

        if (part.Reasoning.Length > 0) yield return json => Chunk(json, choice, index, delta => delta.WriteString("reasoning_content"u8, part.Reasoning), null, []);
        if (part.Content.Length > 0 || (call.LogProbs && part.Calls.Count == 0 && part.Scores.Exists(static token => token.Scores is not null)))
            yield return json => Chunk(json, choice, index, delta => delta.WriteString("content"u8, part.Content), null, part.Scores);
        foreach (var next in more) yield return json => Chunk(json, choice, index, delta => calls.Delta(delta, choice.Calls[next.Index], next), null, null);
        if (piece.Finish is not null) yield return json => Chunk(json, choice, index, _ => { }, choice.FinishName, null);
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
        calls.Whole(json, choice.Calls);
        json.WriteEndObject();
        scores.Write(json, call.LogProbs ? choice.Scores : null);
        json.WriteString("finish_reason"u8, choice.FinishName);
        if (call.Answer.ReturnTokenIds) TokenIds.Write(json, "token_ids"u8, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(choice.Ids));
        json.WriteEndObject();
    }

    private static void Opening(Utf8JsonWriter delta)
    {
        delta.WriteString("role"u8, "assistant"u8);
        delta.WriteString("content"u8, ""u8);
        delta.WriteNull("refusal"u8);
    }

    // The live service's first chunk of an answer that is a call.
    private void Opening(Utf8JsonWriter delta, ChatToolCall made, CallPart part)
    {
        delta.WriteString("role"u8, "assistant"u8);
        delta.WriteNull("content"u8);
        calls.Delta(delta, made, part);
        delta.WriteNull("refusal"u8);
    }

    private void Chunk(
        Utf8JsonWriter json, ChatChoice choice, int index, Action<Utf8JsonWriter> delta, string? finish, IReadOnlyList<AnswerToken>? tokens, bool opens = false)
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
        if (call.Answer.ReturnTokenIds && !opens)
        {
            // Tokens travel once, with the first chunk after them that says something.
            TokenIds.Write(json, "token_ids"u8, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(choice.Unsent));
            choice.Unsent.Clear();
        }

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
