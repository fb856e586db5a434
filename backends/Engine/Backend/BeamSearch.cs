using System.Runtime.CompilerServices;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Backend;

/// <summary>
/// Beam search by transformers' rules over any backend: each step asks the backend for one token of every beam and its best alternatives.
/// The beams' common past is in the prefix cache, so a step computes no more than the last block of each. Deterministic: the model's own
/// distribution, without temperature, filters and penalties.
/// </summary>
public static class BeamSearch
{
    /// <summary>Starts a search; gives one stream for each hypothesis returned, best first, all of them complete when the search is.</summary>
    /// <exception cref="BackendBusyException">Thrown by the streams when the backend takes no step of the search.</exception>
    public static IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IModelBackend backend, GenerationRequest request, BeamOptions options, CancellationToken cancellation)
    {
        var search = new Lazy<Task<IReadOnlyList<Hypothesis>>>(() => SearchAsync(backend, request, options, cancellation));
        return [.. Enumerable.Range(0, options.Returned).Select(index => ReadAsync(search, index, request, cancellation))];
    }

    /// <summary>The best hypotheses, best first.</summary>
    public static async Task<IReadOnlyList<Hypothesis>> SearchAsync(IModelBackend backend, GenerationRequest request, BeamOptions options, CancellationToken cancellation)
    {
        List<Hypothesis> running = [new([], 0, 0)], finished = [];
        // So many candidates that beams remain even when every end token is among the best of each.
        var keep = Math.Max(2, 1 + request.EndTokens.Length) * options.Beams;
        var cached = 0;
        for (var length = 1; length <= request.MaxNewTokens; length++)
        {
            var next = await StepAsync(backend, request, running, keep, cancellation).ConfigureAwait(false);
            if (length == 1) cached = next.Cached;
            var last = length == request.MaxNewTokens;
            var top = next.Candidates.OrderByDescending(candidate => candidate.LogProb).Take(keep).ToList();
            var ended = top.Take(options.Beams).Where(Ends).Select(candidate => candidate with { Score = Score(candidate.LogProb, length) });
            if (!(options.Stopping == BeamStopping.Early && finished.Count == options.Beams))
                finished = [.. finished.Concat(ended).OrderByDescending(hypothesis => hypothesis.Score).Take(options.Beams)];
            running = [.. top.Where(candidate => !Ends(candidate)).Take(options.Beams)];
            if (running.Count == 0 || IsOver(length)) break;

            bool Ends(Hypothesis candidate) => last || request.EndTokens.Contains(candidate.Tokens[^1].Token);
        }

        return [.. finished.Take(options.Returned).Select(hypothesis => hypothesis with { CachedTokens = cached })];

        double Score(double logProb, int length) => logProb / Math.Pow(length, options.LengthPenalty);

        bool IsOver(int length)
        {
            if (finished.Count < options.Beams) return false;
            if (options.Stopping == BeamStopping.Early) return true;
            var reach = options is { Stopping: BeamStopping.Never, LengthPenalty: > 0 } ? request.MaxNewTokens : length;
            return Score(running[0].LogProb, reach) <= finished[^1].Score;
        }
    }

    private static async Task<(List<Hypothesis> Candidates, int Cached)> StepAsync(
        IModelBackend backend, GenerationRequest request, List<Hypothesis> running, int keep, CancellationToken cancellation)
    {
        var requests = running.Select(beam => request with
        {
            Prompt = (int[])[.. request.Prompt.Span, .. beam.Tokens.Select(token => token.Token)],
            Sampling = SamplingOptions.Greedy with { LogProbs = keep },
            MaxNewTokens = 1,
            EndTokens = [],
            Candidates = null,
        }).ToList();
        var streams = backend.Generate(requests, cancellation);
        List<Hypothesis> candidates = [];
        var cached = 0;
        for (var i = 0; i < streams.Count; i++)
        {
            await foreach (var step in streams[i].WithCancellation(cancellation).ConfigureAwait(false))
            {
                cached = Math.Max(cached, step.CachedTokens);
                if (step.LogProbs is not { } scores) continue;
                var top = request.Sampling.LogProbs is { } wanted ? scores.Top.Take(wanted).ToArray() : [];
                candidates.AddRange(scores.Top.Select(token =>
                    new Hypothesis([.. running[i].Tokens, new TokenLogProbs(token.Token, token.LogProb, top)], running[i].LogProb + token.LogProb, 0)));
            }
        }

        return (candidates, cached);
    }

    private static async IAsyncEnumerable<TokenEvent> ReadAsync(
        Lazy<Task<IReadOnlyList<Hypothesis>>> search, int index, GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var found = await search.Value.WaitAsync(cancellation).ConfigureAwait(false);
        if (index >= found.Count)
        {
            yield return new TokenEvent(-1, Finish: FinishReason.Length);
            yield break;
        }

        var tokens = found[index].Tokens;
        for (var i = 0; i < tokens.Count; i++)
        {
            var finish = i + 1 < tokens.Count ? (FinishReason?)null : request.EndTokens.Contains(tokens[i].Token) ? FinishReason.Stop : FinishReason.Length;
            yield return new TokenEvent(tokens[i].Token, request.Sampling.LogProbs is null ? null : tokens[i], finish, i == 0 ? found[index].CachedTokens : 0);
        }
    }
}

/// <summary>One way in which the answer may go on.</summary>
/// <param name="Tokens">Its tokens with their scores, an end token included.</param>
/// <param name="LogProb">Sum of their log-probabilities.</param>
/// <param name="Score">That sum after the length penalty, once it is finished.</param>
/// <param name="CachedTokens">Prompt tokens that the cache answered.</param>
public sealed record Hypothesis(IReadOnlyList<TokenLogProbs> Tokens, double LogProb, double Score, int CachedTokens = 0);
