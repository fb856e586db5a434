using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gateway.Worker.Generation;

/// <summary>Merges the pieces of several choices in the order in which they come.</summary>
internal static class Interleaved
{
    public static IAsyncEnumerable<Piece> Merge(IReadOnlyList<IAsyncEnumerable<Piece>> choices, CancellationToken cancellation) =>
        choices.Count == 1 ? choices[0] : MergeAsync(choices, cancellation);

    private static async IAsyncEnumerable<Piece> MergeAsync(
        IReadOnlyList<IAsyncEnumerable<Piece>> choices, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Bounded: a slow reader must not make the worker hold everything twice.
        var channel = Channel.CreateBounded<Piece>(new BoundedChannelOptions(2 * choices.Count) { SingleReader = true });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var left = choices.Count;
        var pumps = choices.Select(PumpAsync).ToArray();
        try
        {
            await foreach (var piece in channel.Reader.ReadAllAsync(cancellation)) yield return piece;
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(pumps);
        }

        async Task PumpAsync(IAsyncEnumerable<Piece> choice)
        {
            try
            {
                await foreach (var piece in choice.WithCancellation(over.Token)) await channel.Writer.WriteAsync(piece, over.Token);
                if (Interlocked.Decrement(ref left) == 0) channel.Writer.TryComplete();
            }
            catch (Exception failure)
            {
                // One choice's failure is the answer's: the reader throws it after what came before.
                channel.Writer.TryComplete(failure);
            }
        }
    }
}
