using System.Runtime.CompilerServices;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;

namespace Gateway.Worker.Generation;

/// <summary>
/// Tokens of one sequence → text that is certain → stop strings → pieces. The only place that decides when text may leave. Reaching a stop
/// string leaves the loop, which disposes the engine's stream and so ends the sequence.
/// </summary>
internal static class TextAssembler
{
    /// <param name="choice">Index of the choice.</param>
    /// <param name="tokens">The engine's stream.</param>
    /// <param name="text">Turns tokens into text.</param>
    /// <param name="stops">What ends the text.</param>
    /// <param name="gate">Tells text, in which stop strings count, from markup; null where all is text.</param>
    /// <param name="minTokens">The text of as many tokens is not searched for stop strings.</param>
    /// <param name="shown">Texts of special tokens that are markup of this model's answers, by id: they are kept for whoever reads the text.</param>
    /// <param name="cancellation">Ends the sequence.</param>
    public static async IAsyncEnumerable<Piece> PiecesAsync(
        int choice, IAsyncEnumerable<TokenEvent> tokens, TextStream text, StopStrings stops, ITextGate? gate, int minTokens, IReadOnlyDictionary<int, string>? shown,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var held = new Queue<AnswerToken>();
        int decoded = 0, released = 0, count = 0, total = 0, cached = 0;
        IReadOnlyList<TokenLogProbs?>? prompt = null;
        await foreach (var token in tokens.WithCancellation(cancellation))
        {
            cached += token.CachedTokens;
            prompt ??= token.Prompt;
            var stopped = false;
            var free = "";
            // The token that ends a sequence is not text, and live usage does not count it either.
            if (token is { Token: >= 0, Finish: not FinishReason.Stop })
            {
                (count, total) = (count + 1, total + 1);
                var added = shown is not null && shown.TryGetValue(token.Token, out var tag) ? text.Flush() + tag : text.Append(token.Token);
                held.Enqueue(new AnswerToken(token.Token, token.LogProbs, decoded, decoded + added.Length));
                decoded += added.Length;
                free = Searched(added, last: false, total <= minTokens, ref stopped);
            }

            if (token.Finish is not null && !stopped)
            {
                free += Searched(text.Flush(), last: true, early: false, ref stopped);
                if (!stopped) free += stops.Flush();
                if (token is { Token: >= 0, Finish: FinishReason.Stop }) held.Enqueue(new AnswerToken(token.Token, null, int.MaxValue, int.MaxValue));
            }

            released += free.Length;
            var finish = stopped ? FinishReason.Stop : token.Finish;
            if (free.Length == 0 && finish is null && prompt is null) continue;
            yield return new Piece(choice, free, Leaving(held, released, finish is not null, stopped), finish, count, cached, prompt);
            (count, cached, prompt) = (0, 0, null);
            if (finish is not null) yield break;
        }

        throw new BackendFailedException("A sequence ended without a reason.");

        string Searched(string added, bool last, bool early, ref bool over)
        {
            var (said, markup) = gate?.Append(added, last) ?? (added, "");
            var free = early ? said : stops.Append(said, out over);
            // What was held as the beginning of a stop string is text after all: markup does not complete it.
            return over || markup.Length == 0 ? free : free + stops.Flush() + markup;
        }
    }

    private static List<AnswerToken> Leaving(Queue<AnswerToken> held, int released, bool last, bool stopped)
    {
        List<AnswerToken> leaving = [];
        while (held.TryPeek(out var next) && (stopped ? next.Start < released : last || next.End <= released)) leaving.Add(held.Dequeue());
        return leaving;
    }
}
