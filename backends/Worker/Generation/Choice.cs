using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;

namespace Gateway.Worker.Generation;

/// <summary>What became certain of one choice.</summary>
/// <param name="Index">Which choice.</param>
/// <param name="Text">New text, perhaps empty.</param>
/// <param name="LogProbs">Of the tokens that this text is made of.</param>
/// <param name="Finish">Set once, at the end: <c>stop</c> or <c>length</c>.</param>
/// <param name="First">Set on the first piece: the event that came with it.</param>
internal readonly record struct Piece(int Index, string Text, IReadOnlyList<TokenLogProbs> LogProbs, string? Finish, TokenEvent? First);

/// <summary>One choice's tokens becoming text, with its count.</summary>
internal sealed class Choice(int index, GenerationRequest request, IReadOnlyList<string> stops, Tokenizer tokenizer)
{
    private readonly TextStream text = new(tokenizer, request.Prompt.Span);
    private readonly StopText stop = new(stops);
    private List<TokenLogProbs> waiting = []; // of tokens whose text is not certain yet
    private bool started;

    /// <summary>Tokens generated, the ending one included.</summary>
    public int Tokens { get; private set; }

    /// <summary>Prompt tokens that the cache answered.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Text pieces as they become certain, each as soon as it is. Ends after the piece with a finish.</summary>
    public async IAsyncEnumerable<Piece> ReadAsync(IAsyncEnumerable<TokenEvent> events, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        // Leaving the loop disposes the enumerator, and that gives the sequence's blocks back.
        await foreach (var token in events.WithCancellation(cancellation))
        {
            if (Take(token) is { } piece) yield return piece;
            if (stop.Stopped || token.Finish is not null) yield break;
        }
    }

    private Piece? Take(TokenEvent token)
    {
        var first = started ? (TokenEvent?)null : token;
        if (!started) CachedTokens = token.CachedTokens;
        var said = "";
        if (token.Token >= 0)
        {
            Tokens++;
            if (token.Finish != FinishReason.Stop)
            {
                said = stop.Append(text.Append(token.Token));
                if (token.LogProbs is not null) waiting.Add(token.LogProbs);
            }
        }

        var ended = token.Finish is not null || stop.Stopped;
        if (ended && !stop.Stopped) said += stop.Append(text.Flush());
        if (ended) said += stop.Flush();
        if (said.Length == 0 && !ended && started) return null;
        started = true;
        var logProbs = said.Length > 0 || ended ? waiting : [];
        if (logProbs.Count > 0) waiting = [];
        var finish = !ended ? null : token.Finish == FinishReason.Stop || stop.Stopped ? "stop" : "length";
        return new Piece(index, said, logProbs, finish, first);
    }
}
