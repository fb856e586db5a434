using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Errors;
using Gateway.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Forwarding;

/// <summary>
/// Passes a stream on event by event, byte for byte and at once, and sees to its end: a good one ends in <c>[DONE]</c>, a broken one in
/// exactly one error event. Until the first data event nothing has been promised, and another attempt may take over.
/// </summary>
internal sealed class StreamRelay(Attempt attempt, Stream body, HttpResponseMessage response) : IDisposable
{
    private const int FirstBuffer = 4 << 10;
    private const int MaxEventBytes = 16 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Call call = attempt.Call;
    private readonly StreamEvents events = new(attempt.Call.Body.Choices, attempt.Facts);
    private readonly SemaphoreSlim writing = new(1); // one writer to the client at a time
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int start; // of what has not passed
    private int end;
    private int known; // of it, looked at without finding an event's end
    private StreamEvent? first; // what that one is, until it has passed
    private bool passes; // it is the call's answer
    private byte[]? opening; // the first object, where a usage chunk may have to be made

    private enum Tail
    {
        More,
        Done,
        Failed,
        Broken,
    }

    public async Task RunAsync()
    {
        try
        {
            if (await FindFirstAsync() is { } worthless)
            {
                attempt.Decide(worthless);
                return;
            }

            attempt.CameFirst();
            attempt.Timer.KeepDeadline();
            attempt.Timer.Enter(Reasons.IdleTimeout, attempt.Model.Options.Timeouts.Idle);
            await attempt.AnswersAsync((int)response.StatusCode);
            passes = true;
            events.Passes(call.Usage);
            Begin();
            if (call.Http.Features.Get<ClientPresence>() is { } presence) presence.Nudge = NudgeAsync;
            await PassAsync(call.Http.Response.BodyWriter);
        }
        finally
        {
            if (passes) call.Usage.Estimate(call.Body.PromptTokens, events.Count); // also where the client left
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    // Null once the buffer has the first data event, comments before it included; else why there is none.
    private async Task<AttemptResult?> FindFirstAsync()
    {
        var at = 0;
        while (true)
        {
            while (SseFraming.Next(buffer.AsSpan(start + at, end - start - at), known) is > 0 and var length)
            {
                var text = buffer.AsMemory(start + at, length);
                known = 0;
                switch (events.See(text.Span))
                {
                    case StreamEvent.Comment:
                        at += length;
                        if (await KeepAliveAsync(at)) at = 0;
                        break;
                    case (StreamEvent.Data or StreamEvent.Usage) and var found:
                        first = found;
                        return null;
                    case StreamEvent.Error:
                        return UpstreamErrors.OfData(attempt, StreamEvents.Data(text.Span, out _));
                    case StreamEvent.Done:
                        return Broken(Reasons.Empty);
                    default:
                        return Broken(Reasons.NotSse);
                }
            }

            known = end - start - at;
            try
            {
                var read = await ReadAsync();
                if (read == 0) return Broken(end > start + at ? Reasons.Cut : Reasons.Empty);
                end += read;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
            {
                return Broken(Reasons.Reset);
            }
        }
    }

    private AttemptResult Broken(string reason) => new(Verdict.Transient, reason, Problems.UpstreamBroke(attempt.Model.Name)) { Status = (int)response.StatusCode };

    // Proxies cut what is silent. After a while the response starts, and from then on a failure of all attempts can only be an event.
    private async Task<bool> KeepAliveAsync(int length)
    {
        if (call.Time.GetElapsedTime(call.Began) < Patience || attempt.Model.Options.HedgeAfter is not null) return false;
        Begin();
        var to = call.Http.Response.BodyWriter;
        to.Write(buffer.AsSpan(start, length));
        start += length;
        await to.FlushAsync(attempt.Cancelled);
        return true;
    }

    private void Begin()
    {
        var to = call.Http.Response;
        if (to.HasStarted) return;
        AnswerHeaders.Copy(response, to, attempt.Target.Upstream.Secrets);
        AnswerHeaders.Mark(call, attempt.Target.Upstream.Name);
        to.ContentType = Sse.ContentType;
        to.Headers.CacheControl = "no-cache";
        call.Http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async Task PassAsync(PipeWriter to)
    {
        var tail = Tail.More;
        var broke = Reasons.Cut;
        try
        {
            while (true)
            {
                var before = start;
                await writing.WaitAsync(CancellationToken.None);
                try
                {
                    tail = Pass(to);
                    call.Usage.Passed = events.Count;
                    if (start > before) await FlushAsync(to);
                }
                finally
                {
                    writing.Release();
                }

                if (tail != Tail.More) break;
                attempt.Timer.Touch();
                var read = await ReadAsync();
                if (read == 0) break;
                end += read;
            }
        }
        catch (InvalidDataException)
        {
            (tail, broke) = (Tail.Broken, Reasons.BadFraming);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            broke = Reasons.Reset; // what came after the last whole event is lost
        }
        catch (OperationCanceledException) when (attempt.CutShort is not null)
        {
            // What comes after the last finish_reason is usage at most: an answer that is whole is none that broke.
            (tail, broke) = (events.IsFinished ? Tail.More : Tail.Broken, attempt.CutShort);
        }

        if (tail == Tail.Broken && broke == Reasons.Cut) broke = Reasons.BadFraming;
        await writing.WaitAsync(CancellationToken.None); // for good: nothing follows the end
        await EndAsync(to, tail == Tail.More && events.IsFinished ? Tail.Done : tail, tail == Tail.Done, broke);
        if (tail != Tail.Done) attempt.Cancel(); // an upstream that goes on must not: closing is not enough
    }

    /// <summary>Copies every whole event that the buffer has.</summary>
    private Tail Pass(PipeWriter to)
    {
        while (SseFraming.Next(buffer.AsSpan(start, end - start), known) is > 0 and var length)
        {
            var text = buffer.AsSpan(start, length);
            known = 0;
            var seen = Look(text);
            if (seen is StreamEvent.Data or StreamEvent.Usage) call.Observer?.Event(buffer.AsMemory(start, length).TrimEnd("\r\n"u8));
            switch (seen)
            {
                case StreamEvent.Usage when !call.Body.IncludeUsage:
                    break; // the gateway asked for it, the client did not
                case StreamEvent.Error:
                    start += length;
                    attempt.End = Reasons.ErrorEvent;
                    UpstreamErrors.Pass(attempt, text, to);
                    return Tail.Failed;
                case StreamEvent.Broken:
                    return Tail.Broken;
                case StreamEvent.Done:
                    start += length;
                    WriteUsage(to);
                    call.Observer?.End();
                    to.Write(text);
                    return Tail.Done;
                default:
                    if (opening is null && call.Body.IncludeUsage && events.Count == 1) opening = StreamEvents.Data(text, out _).ToArray();
                    to.Write(text);
                    break;
            }

            start += length;
        }

        known = end - start;
        return Tail.More;
    }

    // The first object was shown before the stream passed; comments may stand before it.
    private StreamEvent Look(ReadOnlySpan<byte> text)
    {
        if (first is not { } found || StreamEvents.Data(text, out _).IsEmpty) return events.See(text);
        first = null;
        return found;
    }

    private async Task EndAsync(PipeWriter to, Tail tail, bool marked, string broke)
    {
        call.Usage.Estimate(call.Body.PromptTokens, events.Count);
        if (marked || tail == Tail.Failed) return;
        if (tail == Tail.Done)
        {
            WriteUsage(to);
            call.Observer?.End();
            Sse.WriteDone(to);
        }
        else
        {
            attempt.End = call.Http.RequestAborted.IsCancellationRequested ? Reasons.ClientLeft : broke;
            Sse.Write(to, JsonSerializer.SerializeToUtf8Bytes(Problems.StreamBroke(attempt.Model.Name, broke), ProtocolJson.Wire.ApiError));
        }

        await to.FlushAsync(call.Http.RequestAborted);
    }

    // A client that asked for usage gets it, marked as estimated, where the upstream does not count.
    private void WriteUsage(PipeWriter to)
    {
        call.Usage.Estimate(call.Body.PromptTokens, events.Count);
        if (call.Body.IncludeUsage && call.Usage.IsEstimated && opening is not null) Sse.Write(to, EstimatedUsage.Chunk(opening, call.Usage));
    }

    // Between two events, from another thread: the client may be gone, and only sending shows it.
    private async Task NudgeAsync()
    {
        if (!await writing.WaitAsync(0)) return; // it is being sent to as it is
        try
        {
            call.Http.Response.BodyWriter.Write(": \n\n"u8);
            await call.Http.Response.BodyWriter.FlushAsync(call.Http.RequestAborted);
        }
        finally
        {
            writing.Release();
        }
    }

    private ValueTask<FlushResult> FlushAsync(PipeWriter to)
    {
        var flush = to.FlushAsync(attempt.Cancelled);
        if (flush.IsCompletedSuccessfully) return flush;
        attempt.Timer.Pause(); // a client that reads slowly is not the upstream's fault
        return flush;
    }

    // No method that waits: its state would be made anew for every chunk. A line that never ends is not kept in memory for ever.
    private ValueTask<int> ReadAsync()
    {
        if (start == end) start = end = 0;
        if (end == buffer.Length)
        {
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            else
            {
                if (buffer.Length >= MaxEventBytes) throw new InvalidDataException("An event of the stream has no end.");
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, end).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }

        return body.ReadAsync(buffer.AsMemory(end), attempt.Cancelled);
    }
}
