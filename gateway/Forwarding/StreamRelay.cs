using System.IO.Pipelines;
using System.Buffers;
using System.Text.Json;
using Gateway.Errors;
using Gateway.Protocol;

namespace Gateway.Forwarding;

/// <summary>
/// Passes a stream on event by event, byte for byte and at once, and sees to its end: a good one ends in <c>[DONE]</c>, a broken one in
/// exactly one error event.
/// </summary>
internal sealed class StreamRelay(string model, IAnswerObserver? observer = null)
{
    private static ReadOnlySpan<byte> EventEnd => "\n\n"u8;

    private bool done;
    private bool finished;
    private bool failed;

    public async Task<Attempt> CopyAsync(Stream body, HttpContext http, CancellationToken cancellation)
    {
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.ContentLength = null; // the end may be ours, or another attempt's
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseBodyFeature>()?.DisableBuffering();
        var from = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 << 10, leaveOpen: true));
        var to = http.Response.BodyWriter;
        try
        {
            while (!done && !failed)
            {
                var read = await from.ReadAsync(cancellation);
                var passed = Pass(read.Buffer, to);
                from.AdvanceTo(passed, read.Buffer.End);
                if (!passed.Equals(read.Buffer.Start)) await to.FlushAsync(cancellation);
                if (read.IsCompleted) break;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            finished = false; // what came after the last whole event is lost
        }

        await from.CompleteAsync();
        if (!http.Response.HasStarted) return new Attempt(true, false, Problems.UpstreamBroke(model));
        if (!done && !failed)
        {
            if (finished)
            {
                observer?.End();
                Sse.WriteDone(to);
            }
            else
            {
                Sse.Write(to, JsonSerializer.SerializeToUtf8Bytes(Problems.StreamBroke(model), ProtocolJson.Wire.ApiError));
            }
        }

        await to.FlushAsync(cancellation);
        return new Attempt(!done && !finished, true, null);
    }

    /// <summary>Copies every whole event and returns where the last one ends.</summary>
    private SequencePosition Pass(ReadOnlySequence<byte> buffer, PipeWriter to)
    {
        var reader = new SequenceReader<byte>(buffer);
        var passed = buffer.Start;
        while (!done && !failed && reader.TryReadTo(out ReadOnlySequence<byte> text, EventEnd))
        {
            Look(text);
            foreach (var part in buffer.Slice(passed, reader.Position)) to.Write(part.Span);
            passed = reader.Position;
        }

        return passed;
    }

    /// <summary>The three things that an event can say about the end.</summary>
    private void Look(ReadOnlySequence<byte> text)
    {
        var span = text.IsSingleSegment ? text.FirstSpan : text.ToArray();
        if (span.EndsWith("data: [DONE]"u8)) done = true;
        else if (span.StartsWith("data: {\"error\":"u8)) failed = true;
        else if (span.IndexOf("\"finish_reason\":\""u8) >= 0) finished = true;
        if (done) observer?.End();
        else observer?.Event(text);
    }
}
