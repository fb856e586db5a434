using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Protocol;
using Gateway.Worker.Errors;

namespace Gateway.Worker.Generation;

/// <summary>Writes an answer as server-sent events, each flushed; a failure in the middle is one error event and the end.</summary>
internal static class EventStream
{
    /// <param name="http">The call.</param>
    /// <param name="chunks">The first one is already there: whatever failed before it kept its status.</param>
    /// <param name="type">How a chunk is written.</param>
    /// <param name="logger">For failures.</param>
    public static async Task WriteAsync<T>(HttpContext http, IAsyncEnumerable<T> chunks, JsonTypeInfo<T> type, ILogger logger)
    {
        var cancellation = http.RequestAborted;
        await using var reader = chunks.GetAsyncEnumerator(cancellation);
        var any = await reader.MoveNextAsync();
        http.Response.ContentType = Sse.ContentType;
        http.Response.Headers.CacheControl = "no-cache";
        var to = http.Response.BodyWriter;
        try
        {
            while (any)
            {
                Sse.Write(to, JsonSerializer.SerializeToUtf8Bytes(reader.Current, type));
                await to.FlushAsync(cancellation);
                any = await reader.MoveNextAsync();
            }

            Sse.WriteDone(to);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "A stream failed.");
            var problem = Problems.ServerError();
            Sse.Write(to, JsonSerializer.SerializeToUtf8Bytes(new ApiError(new ApiErrorBody(problem.Message, problem.Type, problem.Param, problem.Code)), ProtocolJson.Wire.ApiError));
        }

        await to.FlushAsync(cancellation);
    }
}
