using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gateway.Worker.Generation;

/// <summary>Several choices as one stream of pieces, in the order in which they come.</summary>
internal static class Interleaved
{
    public static async IAsyncEnumerable<Piece> ReadAsync(IReadOnlyList<IAsyncEnumerable<Piece>> choices, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (choices.Count == 1)
        {
            await foreach (var piece in choices[0].WithCancellation(cancellation)) yield return piece;
            yield break;
        }

        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pieces = Channel.CreateUnbounded<Piece>(new UnboundedChannelOptions { SingleReader = true });
        var pumps = Task.WhenAll(choices.Select(choice => PumpAsync(choice, pieces.Writer, abandon.Token)));
        _ = pumps.ContinueWith(all => pieces.Writer.TryComplete(all.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellation)) yield return piece;
        }
        finally
        {
            await abandon.CancelAsync();
        }
    }

    private static async Task PumpAsync(IAsyncEnumerable<Piece> choice, ChannelWriter<Piece> to, CancellationToken cancellation)
    {
        await foreach (var piece in choice.WithCancellation(cancellation)) to.TryWrite(piece);
    }
}
