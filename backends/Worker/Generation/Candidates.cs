using Gateway.Engine.Backend;
using Gateway.Engine.Text;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Generation;

/// <summary>Starts every candidate answer of every prompt, prompt by prompt.</summary>
internal static class Candidates
{
    /// <param name="model">What generates.</param>
    /// <param name="prompts">One request for each prompt.</param>
    /// <param name="answer">How many candidates, and where they stop.</param>
    /// <param name="shown">Special tokens that stay visible, by id.</param>
    /// <param name="gate">Makes what keeps stop strings out of markup; null where all is text.</param>
    /// <param name="cancellation">Ends them all.</param>
    public static IAsyncEnumerable<Piece> Start(
        LoadedModel model, IReadOnlyList<GenerationRequest> prompts, AnswerOptions answer, IReadOnlyDictionary<int, string>? shown, Func<ITextGate>? gate, CancellationToken cancellation)
    {
        var all = prompts.SelectMany(prompt => Seeded(prompt, answer.Candidates)).ToList();
        var streams = answer.Beams is { } beams
            ? [.. prompts.SelectMany(prompt => BeamSearch.Generate(model.Backend, prompt, beams, cancellation))]
            : model.Backend.Generate(all, cancellation);
        streams = GenerationSpans.Watch(streams, all);
        var pieces = streams.Select((tokens, i) => TextAssembler.PiecesAsync(
            i, tokens, new TextStream(model.Tokenizer, all[i].Prompt.Span, answer.SkipSpecialTokens), new StopStrings(answer.Stops), gate?.Invoke(),
            all[i].Sampling.MinTokens, shown, cancellation)).ToList();
        return Interleaved.Merge(pieces, cancellation);
    }

    // One seed gives each candidate its own.
    private static IEnumerable<GenerationRequest> Seeded(GenerationRequest request, int count) => Enumerable.Range(0, count).Select(i =>
        request with { Sampling = request.Sampling with { Seed = request.Sampling.Seed is { } seed ? unchecked(seed + i) : null }, Candidates = i == 0 ? count : null });
}
