using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Protocol;
using Gateway.Worker.Errors;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Requests;

/// <summary>
/// Sends pieces as events or folded. Waits for the first piece before the response starts, so that errors keep their status; a stream whose
/// prompt takes longer than <see cref="Patience"/> starts without it and is kept alive by comments, because proxies cut what is silent.
/// </summary>
internal sealed class Delivery(TimeProvider time, ILogger<Delivery> log)
{
    /// <summary>How long a stream may be silent before its first token.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static ReadOnlySpan<byte> KeepAlive => ": keep-alive\n\n"u8;

    public async Task SendAsync(HttpContext http, IAsyncEnumerable<Piece> pieces, StreamOptions streaming, IAnswerWriter writer, CancellationToken cancellation)
    {
        await using var source = pieces.GetAsyncEnumerator(cancellation);
        if (!streaming.Stream)
        {
            while (await source.MoveNextAsync()) writer.Fold(source.Current);
            await Answer.JsonAsync(http, writer.Plain);
            return;
        }

        var body = http.Response.BodyWriter;
        var first = source.MoveNextAsync().AsTask();
        await SoonAsync(first, cancellation);
        // Whatever failed by now still has its status: the response has not begun.
        if (first.IsFaulted || first.IsCanceled) await first;
        Answer.StartEvents(http.Response);
        var events = new EventWriter(body);
        try
        {
            await KeepAliveAsync(body, first, cancellation);
            for (var more = await first; more; more = await source.MoveNextAsync())
            {
                foreach (var chunk in writer.Chunks(source.Current)) events.Write(chunk);
                await body.FlushAsync(cancellation);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The status is gone: one error event, and neither a finish reason nor [DONE].
            log.LogError(failure, "A stream failed after it had started.");
            events.Write(json => ProblemWriter.Write(json, Problems.ServerError()));
            await body.FlushAsync(cancellation);
            return;
        }

        // The gateway counts every answer, whether its caller asked for usage or not.
        if (streaming.IncludeUsage || http.Request.Headers["x-gateway-usage"] == "end") events.Write(writer.UsageChunk);
        Sse.WriteDone(body);
        await body.FlushAsync(cancellation);
    }

    private async Task KeepAliveAsync(PipeWriter body, Task<bool> piece, CancellationToken cancellation)
    {
        try
        {
            while (!piece.IsCompleted)
            {
                body.Write(KeepAlive);
                await body.FlushAsync(cancellation);
                await SoonAsync(piece, cancellation);
            }
        }
        finally
        {
            // A stream cannot be disposed while it is being read; who left has cancelled the read too.
            await ((Task)piece).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Until the piece is there or the patience is over; a failure is left for whoever awaits the piece.
    private async Task SoonAsync(Task<bool> piece, CancellationToken cancellation)
    {
        if (piece.IsCompleted) return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(piece, Task.Delay(Patience, time, over.Token));
        await over.CancelAsync();
    }

    private sealed class EventWriter(IBufferWriter<byte> to)
    {
        private readonly ArrayBufferWriter<byte> buffer = new(512);

        public void Write(Action<Utf8JsonWriter> chunk)
        {
            buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(buffer, WireJson.Writing)) chunk(json);
            Sse.Write(to, buffer.WrittenSpan);
        }
    }
}
