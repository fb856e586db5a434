using System.Buffers;
using System.Text.Json;
using Gateway.Protocol;
using Gateway.Worker.Errors;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Requests;

/// <summary>Sends pieces as events or folded. Waits for the first piece before the response starts, so that errors keep their status.</summary>
internal static class Delivery
{
    public static async Task SendAsync(
        HttpContext http, IAsyncEnumerable<Piece> pieces, StreamOptions streaming, IAnswerWriter writer, ILogger log, CancellationToken cancellation)
    {
        await using var source = pieces.GetAsyncEnumerator(cancellation);
        var more = await source.MoveNextAsync();
        if (!streaming.Stream)
        {
            for (; more; more = await source.MoveNextAsync()) writer.Fold(source.Current);
            await Answer.JsonAsync(http, writer.Plain);
            return;
        }

        Answer.StartEvents(http.Response);
        var events = new EventWriter(http.Response.BodyWriter);
        try
        {
            for (; more; more = await source.MoveNextAsync())
            {
                foreach (var chunk in writer.Chunks(source.Current)) events.Write(chunk);
                await http.Response.BodyWriter.FlushAsync(cancellation);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The status is gone: one error event, and neither a finish reason nor [DONE].
            log.LogError(failure, "A stream failed after it had started.");
            events.Write(json => ProblemWriter.Write(json, Problems.ServerError()));
            await http.Response.BodyWriter.FlushAsync(cancellation);
            return;
        }

        if (streaming.IncludeUsage) events.Write(writer.UsageChunk);
        Sse.WriteDone(http.Response.BodyWriter);
        await http.Response.BodyWriter.FlushAsync(cancellation);
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
