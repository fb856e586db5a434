using Gateway.Engine.Sampling;
using Gateway.Protocol;
using Gateway.Protocol.Completions;
using Gateway.Worker.Generation;
using Gateway.Worker.Models;

namespace Gateway.Worker.Completions;

/// <summary>Tokens to events; the plain answer is a fold of the same pieces.</summary>
internal sealed class CompletionAssembler(LoadedModel model, CompletionCall call, TimeProvider time)
{
    private readonly string id = "cmpl-" + Guid.NewGuid().ToString("N");
    private readonly long created = time.GetUtcNow().ToUnixTimeSeconds();
    private readonly List<Choice> choices = [.. call.Requests.Select((request, i) => new Choice(i, request, call.Stops, model.Tokenizer))];
    private readonly int[] written = new int[call.Requests.Count]; // characters so far, for text_offset

    /// <summary>The stream; the finish reason stands on the last text.</summary>
    public async IAsyncEnumerable<Completion> EventsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var piece in PiecesAsync(cancellation))
        {
            if (piece.First is { } first && call.Echo) yield return Event(Echo(piece.Index, first));
            if (piece.Text.Length > 0 || piece.Finish is not null) yield return Event(Said(piece));
        }

        if (call.IncludeUsage) yield return Event() with { Usage = Usage() };
    }

    /// <summary>The plain answer.</summary>
    public async Task<Completion> FoldAsync(CancellationToken cancellation)
    {
        var folded = new CompletionChoice?[choices.Count];
        var likelihood = new double[choices.Count];
        await foreach (var piece in PiecesAsync(cancellation))
        {
            if (piece.First is { } first && call.Echo) folded[piece.Index] = Join(folded[piece.Index], Echo(piece.Index, first));
            folded[piece.Index] = Join(folded[piece.Index], Said(piece));
            likelihood[piece.Index] += piece.LogProbs.Sum(entry => entry.LogProb);
        }

        var best = call.Prompts.SelectMany((_, p) => Enumerable.Range(p * call.BestOf, call.BestOf)
            .OrderByDescending(i => call.BestOf > call.Choices ? likelihood[i] / Math.Max(1, choices[i].Tokens) : 0).Take(call.Choices)
            .Select((i, n) => folded[i]! with { Index = (p * call.Choices) + n }));
        return new Completion(id, created, model.Name, [.. best], model.Fingerprint) { Usage = Usage() };
    }

    private IAsyncEnumerable<Piece> PiecesAsync(CancellationToken cancellation)
    {
        var events = model.Backend.Generate(call.Requests, cancellation);
        return Interleaved.ReadAsync([.. choices.Select((choice, i) => choice.ReadAsync(events[i], cancellation))], cancellation);
    }

    private Completion Event(params IReadOnlyList<CompletionChoice> choice) => new(id, created, model.Name, choice, model.Fingerprint);

    private CompletionChoice Said(Piece piece) => new(piece.Text, piece.Index, call.LogProbs is null ? null : Entries(piece.Index, piece.LogProbs, piece.Text.Length), piece.Finish);

    /// <summary>The prompt itself; its first token has no probability.</summary>
    private CompletionChoice Echo(int index, Engine.Backend.TokenEvent first)
    {
        var prompt = call.Prompts[index / call.BestOf];
        var text = model.Tokenizer.Decode(prompt, skipSpecialTokens: true);
        if (call.LogProbs is null) return new CompletionChoice(Advance(index, text), index, null, null);
        var (tokens, probabilities, top, offsets) = (new List<string>(), new List<double?>(), new List<IReadOnlyDictionary<string, double>?>(), new List<int>());
        for (var i = 0; i < prompt.Length; i++)
        {
            var entry = first.Prompt?[i];
            tokens.Add(Text(prompt[i]));
            probabilities.Add(entry?.LogProb);
            top.Add(entry is null ? null : Top(entry));
            offsets.Add(model.Tokenizer.Decode(prompt.AsSpan(0, i), skipSpecialTokens: true).Length);
        }

        return new CompletionChoice(Advance(index, text), index, new CompletionLogprobs(tokens, probabilities, call.LogProbs > 0 ? top : null, offsets), null);
    }

    private string Advance(int index, string text)
    {
        written[index] += text.Length;
        return text;
    }

    private CompletionLogprobs Entries(int index, IReadOnlyList<TokenLogProbs> entries, int length)
    {
        var offsets = new List<int>();
        var at = written[index];
        foreach (var entry in entries)
        {
            offsets.Add(at);
            at += Text(entry.Token).Length;
        }

        written[index] += length;
        return new CompletionLogprobs([.. entries.Select(e => Text(e.Token))], [.. entries.Select(e => (double?)Finite(e.LogProb))], call.LogProbs > 0 ? [.. entries.Select(Top)] : null, offsets);
    }

    private Dictionary<string, double> Top(TokenLogProbs entry)
    {
        var top = new Dictionary<string, double>();
        foreach (var (token, logProb) in entry.Top) top.TryAdd(Text(token), Finite(logProb));
        return top;
    }

    private string Text(int token) => System.Text.Encoding.UTF8.GetString(model.Tokenizer.TokenBytes(token).Span);

    private static double Finite(float logProb) => float.IsFinite(logProb) ? Math.Min(0, logProb) : -9999;

    private static CompletionChoice Join(CompletionChoice? before, CompletionChoice next)
    {
        if (before is null) return next;
        var logprobs = before.Logprobs is { } a && next.Logprobs is { } b
            ? new CompletionLogprobs([.. a.Tokens, .. b.Tokens], [.. a.TokenLogprobs, .. b.TokenLogprobs], a.TopLogprobs is null || b.TopLogprobs is null ? null : [.. a.TopLogprobs, .. b.TopLogprobs], [.. a.TextOffset, .. b.TextOffset])
            : before.Logprobs ?? next.Logprobs;
        return new CompletionChoice(before.Text + next.Text, before.Index, logprobs, next.FinishReason ?? before.FinishReason);
    }

    private Usage Usage()
    {
        var (prompt, completion) = (call.Prompts.Sum(p => p.Length), choices.Sum(choice => choice.Tokens));
        return new Usage(prompt, completion, prompt + completion)
        {
            PromptTokensDetails = new PromptTokensDetails(Enumerable.Range(0, call.Prompts.Count).Sum(p => choices[p * call.BestOf].CachedTokens)),
            CompletionTokensDetails = new CompletionTokensDetails(),
        };
    }
}
