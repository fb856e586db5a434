using Gateway.Engine.Sampling;
using Gateway.Engine.Text;
using Gateway.Protocol;
using Gateway.Protocol.Chat;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;

namespace Gateway.Worker.Chat;

/// <summary>Tokens to chunks. The plain answer is a fold of the same chunks.</summary>
internal sealed class ChatAssembler(LoadedModel model, ChatCall call, TimeProvider time)
{
    private readonly string id = "chatcmpl-" + Guid.NewGuid().ToString("N");
    private readonly long created = time.GetUtcNow().ToUnixTimeSeconds();
    private readonly List<Choice> choices = [.. call.Requests.Select((request, i) => new Choice(i, request, call.Stops, model.Tokenizer))];

    /// <summary>The stream: a role for each choice, its texts, its end; usage last where it was asked for.</summary>
    public async IAsyncEnumerable<ChatCompletionChunk> ChunksAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var events = model.Backend.Generate(call.Requests, cancellation);
        var pieces = Interleaved.ReadAsync([.. choices.Select((choice, i) => choice.ReadAsync(events[i], cancellation))], cancellation);
        await foreach (var piece in pieces.WithCancellation(cancellation))
        {
            if (piece.First is not null) yield return Chunk(new ChatChunkChoice(piece.Index, new ChatDelta("assistant", ""), call.LogProbs ? new ChatLogprobs([]) : null, null));
            if (piece.Text.Length > 0 || piece.LogProbs.Count > 0)
                yield return Chunk(new ChatChunkChoice(piece.Index, new ChatDelta(null, piece.Text), call.LogProbs ? Entries(piece.LogProbs) : null, null));
            if (piece.Finish is not null) yield return Chunk(new ChatChunkChoice(piece.Index, new ChatDelta(), null, piece.Finish));
        }

        if (call.IncludeUsage || !call.Stream) yield return Chunk() with { Usage = Usage() };
    }

    /// <summary>The plain answer.</summary>
    public async Task<ChatCompletion> FoldAsync(CancellationToken cancellation)
    {
        var texts = choices.Select(_ => new System.Text.StringBuilder()).ToList();
        var logProbs = choices.Select(_ => new List<TokenLogprob>()).ToList();
        var finishes = new string?[choices.Count];
        Usage? usage = null;
        await foreach (var chunk in ChunksAsync(cancellation))
        {
            usage = chunk.Usage;
            foreach (var choice in chunk.Choices)
            {
                texts[choice.Index].Append(choice.Delta.Content);
                logProbs[choice.Index].AddRange(choice.Logprobs?.Content ?? []);
                finishes[choice.Index] ??= choice.FinishReason;
            }
        }

        var answers = choices.Select((_, i) => new ChatChoice(i, new ChatAnswer(texts[i].ToString()), call.LogProbs ? new ChatLogprobs(logProbs[i]) : null, finishes[i])).ToList();
        return new ChatCompletion(id, created, model.Name, answers, usage, model.Fingerprint, call.ServiceTier);
    }

    private ChatCompletionChunk Chunk(params IReadOnlyList<ChatChunkChoice> choice) => new(id, created, model.Name, choice, model.Fingerprint, call.ServiceTier);

    private Usage Usage()
    {
        var (prompt, completion) = (call.Requests[0].Prompt.Length, choices.Sum(choice => choice.Tokens));
        return new Usage(prompt, completion, prompt + completion)
        {
            PromptTokensDetails = new PromptTokensDetails(choices[0].CachedTokens),
            CompletionTokensDetails = new CompletionTokensDetails(),
        };
    }

    private ChatLogprobs Entries(IReadOnlyList<TokenLogProbs> logProbs) => new([.. logProbs.Select(entry => TokenEntries.Of(model.Tokenizer, entry))]);
}

/// <summary>Log-probabilities as the wire has them.</summary>
internal static class TokenEntries
{
    public static TokenLogprob Of(Tokenizer tokenizer, TokenLogProbs entry) =>
        One(tokenizer, entry.Token, entry.LogProb) with { TopLogprobs = [.. entry.Top.Select(top => One(tokenizer, top.Token, top.LogProb))] };

    private static TokenLogprob One(Tokenizer tokenizer, int token, float logProb)
    {
        var bytes = tokenizer.TokenBytes(token);
        // JSON has no infinity; −9999 is what the live service sends for "not among the candidates".
        return new TokenLogprob(System.Text.Encoding.UTF8.GetString(bytes.Span), float.IsFinite(logProb) ? Math.Min(0, logProb) : -9999, [.. bytes.ToArray().Select(b => (int)b)]);
    }
}
