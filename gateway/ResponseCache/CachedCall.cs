using Gateway.Calls;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.ResponseCache;

/// <summary>A call's part in the cache.</summary>
internal sealed class CachedCall(IAnswerStore store, TimeProvider time, Call call, string key, CacheOptions options) : IDisposable
{
    private RecordedBody? recorded;

    /// <summary>The answer, where there is one.</summary>
    public KeptAnswer? Found { get; init; }

    public TimeSpan Age { get; init; }

    /// <summary>Answers with it, a stream as a stream.</summary>
    public async Task AnswerAsync()
    {
        var to = call.Http.Response;
        to.ContentType = Found!.ContentType;
        to.Headers.Age = ((long)Age.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        to.Headers["Cache-Status"] = $"gateway; hit; ttl={(long)Math.Ceiling((options.TimeToLive - Age).TotalSeconds)}";
        to.Headers["x-gateway-model"] = Found.Model;
        to.Headers["x-gateway-attempts"] = "0";
        to.Headers["x-gateway-upstream"] = AnswerCache.Upstream;
        if (call.Body.Stream) to.Headers.CacheControl = "no-cache";
        else to.ContentLength = Found.Body.Length;
        await to.Body.WriteAsync(Found.Body, call.Http.RequestAborted);
    }

    /// <summary>The call is about to be forwarded: what passes is seen.</summary>
    public void Watch()
    {
        var features = call.Http.Features;
        var body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        recorded = new RecordedBody(body.Stream, options.MaxEntryBytes, KeepIfWhole);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(recorded, body));
    }

    // Only a good end has the mark that ends a stream; a plain answer was taken whole before its first byte went on.
    private void KeepIfWhole(ReadOnlyMemory<byte> body)
    {
        if (call.Http.Response is not { StatusCode: 200, ContentType: { } type } answer) return;
        if (call.Body.Stream ? !body.Span.TrimEnd("\r\n"u8).EndsWith("[DONE]"u8) : answer.ContentLength != body.Length) return;
        store.Keep(key, new KeptAnswer(time.GetUtcNow().ToUnixTimeMilliseconds(), type, answer.Headers["x-gateway-model"].ToString(), body.ToArray()), options.TimeToLive);
    }

    /// <inheritdoc/>
    public void Dispose() => recorded?.Dispose();
}
