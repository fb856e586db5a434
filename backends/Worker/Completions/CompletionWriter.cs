using System.Text;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary>Legacy chunks, whose last text chunk carries the finish reason, and the plain answer as their fold.</summary>
internal sealed class CompletionWriter(LoadedModel model, CompletionCall call, string id, long created) : IAnswerWriter
{
    private readonly UsageCount usage = new(call.PromptTokens, call.Answer.Candidates);
    private readonly CompletionScores scores = new(model.Tokenizer);
    private readonly Choice[] choices = [.. Enumerable.Range(0, call.Requests.Length * call.Answer.Candidates).Select(_ => new Choice())];

    public IEnumerable<Action<Utf8JsonWriter>> Chunks(Piece piece)
    {
        var part = Take(piece);
        yield return json =>
        {
            Head(json);
            WriteChoice(json, piece.Choice, part.Text, part.Tokens, piece.Finish, part.Opens ? piece.Choice / call.Answer.Candidates : null, [.. piece.Released.Select(token => token.Id)]);
            json.WriteEndArray();
            if (call.Answer.Streaming.IncludeUsage) json.WriteNull("usage"u8);
            if (call.Answer.Streaming.Obfuscate) Obfuscation.Write(json);
            json.WriteEndObject();
        };
    }

    public void UsageChunk(Utf8JsonWriter json)
    {
        Head(json);
        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    public void Fold(Piece piece)
    {
        var part = Take(piece);
        var choice = choices[piece.Choice];
        choice.Text.Append(part.Text);
        choice.Tokens.AddRange(part.Tokens);
        choice.Ids.AddRange(piece.Released.Select(token => token.Id));
        choice.Finish = piece.Finish ?? choice.Finish;
    }

    public void Plain(Utf8JsonWriter json)
    {
        Head(json);
        var index = 0;
        foreach (var (prompt, candidates) in choices.Chunk(call.Answer.Candidates).Index())
        {
            foreach (var choice in Best(candidates)) WriteChoice(json, index++, choice.Text.ToString(), choice.Tokens, choice.Finish, prompt, choice.Ids);
        }

        json.WriteEndArray();
        usage.Write(json);
        json.WriteEndObject();
    }

    private IEnumerable<Choice> Best(Choice[] candidates) =>
        call.Answer.Ranks ? candidates.OrderByDescending(candidate => candidate.Likelihood.Mean).Take(call.Answer.Choices) : candidates;

    // The text of a piece and its tokens with offsets from the start of the prompt; the first piece brings the echo.
    private (string Text, List<OffsetToken> Tokens, bool Opens) Take(Piece piece)
    {
        usage.Add(piece);
        var prompt = piece.Choice / call.Answer.Candidates;
        var choice = choices[piece.Choice];
        List<OffsetToken> tokens = [];
        var text = piece.Text;
        var opens = !choice.Opened;
        if (opens)
        {
            choice.Opened = true;
            var ids = call.Requests[prompt].Prompt.Span;
            choice.PromptLength = call.Echo ? call.Echoes[prompt].Length : model.Tokenizer.Decode(ids, skipSpecialTokens: true).Length;
            if (call.Echo) text = call.Echoes[prompt] + text;
            if (call.Echo && call.LogProbs is not null && piece.Prompt is { } scored) PromptTokens(tokens, ids, scored);
        }

        choice.Likelihood.Add(piece.Released);
        if (call.LogProbs is not null)
            tokens.AddRange(piece.Released.Where(token => token.Scores is not null).Select(token => new OffsetToken(token.Id, token.Scores, choice.PromptLength + token.Start)));
        return (text, tokens, opens);
    }

    private void PromptTokens(List<OffsetToken> tokens, ReadOnlySpan<int> ids, IReadOnlyList<TokenLogProbs?> scored)
    {
        var stream = new TextStream(model.Tokenizer, []);
        var offset = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            tokens.Add(new OffsetToken(ids[i], scored[i], offset));
            offset += stream.Append(ids[i]).Length;
        }
    }

    private void Head(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "text_completion"u8);
        json.WriteNumber("created"u8, created);
        json.WriteString("model"u8, model.Name);
        json.WriteString("system_fingerprint"u8, model.Fingerprint);
        json.WriteStartArray("choices"u8);
    }

    private void WriteChoice(Utf8JsonWriter json, int index, string text, List<OffsetToken> tokens, FinishReason? finish, int? prompt, List<int> ids)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteNumber("index"u8, index);
        if (call.LogProbs is { } top) scores.Write(json, tokens, top);
        else json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, FinishNames.Of(finish));
        if (call.Answer.ReturnTokenIds)
        {
            if (prompt is { } of) TokenIds.Write(json, "prompt_token_ids"u8, call.Requests[of].Prompt.Span);
            TokenIds.Write(json, "token_ids"u8, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids));
        }

        json.WriteEndObject();
    }

    private sealed class Choice
    {
        public Likelihood Likelihood { get; } = new();

        public bool Opened { get; set; }

        public int PromptLength { get; set; }

        public StringBuilder Text { get; } = new();

        public List<OffsetToken> Tokens { get; } = [];

        public List<int> Ids { get; } = [];

        public FinishReason? Finish { get; set; }
    }
}
