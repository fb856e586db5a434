using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Calls;
using Gateway.Errors;

namespace Gateway.Forwarding;

/// <summary>A plain answer is taken whole before its first byte goes on, so that one that is cut, empty or no JSON can be asked for again.</summary>
internal sealed class PlainRelay(Attempt attempt, Stream body, HttpResponseMessage response)
{
    private enum Said
    {
        Nothing,
        NoJson,
        Error,
        Answer,
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync()
    {
        var call = attempt.Call;
        attempt.CameFirst();
        attempt.Timer.Enter(Reasons.IdleTimeout, attempt.Model.Options.Timeouts.Idle);
        var limit = call.Snapshot.Options.Limits.MaxResponseBytes;
        var expected = response.Content.Headers.ContentLength ?? 0;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(expected + 1, 4 << 10, Math.Min(limit + 1, 1 << 20)));
        var length = 0;
        try
        {
            if (expected > limit)
            {
                attempt.Decide(TooLarge(limit));
                return;
            }

            try
            {
                int read;
                while ((read = await body.ReadAsync(buffer.AsMemory(length), attempt.Cancelled)) > 0)
                {
                    attempt.Timer.Touch();
                    if ((length += read) > limit)
                    {
                        attempt.Decide(TooLarge(limit));
                        return;
                    }

                    if (length == buffer.Length) Grow(ref buffer, length);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
            {
                attempt.Decide(Broken(Reasons.Cut));
                return;
            }

            var counted = new CallUsage(); // another answer may be the one that passes
            var said = length == 0 ? Said.Nothing : Look(buffer.AsSpan(0, length), counted);
            if (said != Said.Answer)
            {
                attempt.Decide(said == Said.Error ? UpstreamErrors.OfData(attempt, buffer.AsSpan(0, length)) : Broken(said == Said.Nothing ? Reasons.Empty : Reasons.NotJson));
                return;
            }

            attempt.Facts?.Read(buffer.AsSpan(0, length));
            attempt.Timer.Enter(Reasons.IdleTimeout, null);
            await attempt.AnswersAsync((int)response.StatusCode);
            call.Usage.Take(counted);
            call.Usage.Estimate(call.Body.PromptTokens, length / 4);
            var to = call.Http.Response;
            AnswerHeaders.Copy(response, to, attempt.Target.Upstream.Secrets);
            AnswerHeaders.Mark(call, attempt.Target.Upstream.Name);
            if (response.StatusCode == System.Net.HttpStatusCode.OK) call.Observer?.Plain(buffer.AsMemory(0, length));
            if (to.ContentType is null) to.ContentType = "application/json";
            to.ContentLength = length;
            await to.Body.WriteAsync(buffer.AsMemory(0, length), attempt.Cancelled);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private AttemptResult TooLarge(long limit) => new(Verdict.Refused, Reasons.TooLarge, Problems.AnswerTooLarge(attempt.Model.Name, limit)) { Status = (int)response.StatusCode };

    private AttemptResult Broken(string reason) => new(Verdict.Transient, reason, Problems.UpstreamBroke(attempt.Model.Name)) { Status = (int)response.StatusCode };

    private static void Grow(ref byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    // Whole and well-formed; its usage is read on the way.
    private static Said Look(ReadOnlySpan<byte> text, CallUsage usage)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 1_000 });
        var (error, answer) = (false, false);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName) continue;
                if (reader.ValueTextEquals("usage"u8))
                {
                    if (reader.Read() && reader.TokenType == JsonTokenType.StartObject) usage.Read(reader);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reader.Read();
                    error |= StreamEvents.SaysSomething(reader);
                }
                else if (reader.ValueTextEquals("choices"u8) || reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("results"u8))
                {
                    answer = true;
                }
            }

            return error && !answer ? Said.Error : Said.Answer;
        }
        catch (JsonException)
        {
            return Said.NoJson;
        }
    }
}
