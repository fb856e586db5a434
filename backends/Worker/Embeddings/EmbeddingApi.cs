using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Embeddings;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal sealed class EmbeddingApi(ModelSlot slot, WorkerLimits limits)
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/embeddings", (HttpContext http, EmbeddingApi api) => api.EmbedAsync(http));

    private async Task EmbedAsync(HttpContext http)
    {
        var model = slot.Embedder;
        EmbeddingCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = EmbeddingRequestReader.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
        }

        var vectors = await model.Backend.EncodeAsync(call.Inputs, http.RequestAborted);
        await EmbeddingWriter.WriteAsync(http, model, call, vectors);
    }
}
