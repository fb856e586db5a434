using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class CompletionApi(ModelSlot slot, WorkerLimits limits, Delivery delivery, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/completions", (HttpContext http, CompletionApi api) => api.CompleteAsync(http));

    private async Task CompleteAsync(HttpContext http)
    {
        var model = slot.Required;
        CompletionCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = CompletionRequestReader.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
        }

        var writer = new CompletionWriter(model, call, $"cmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            var pieces = Candidates.Start(model, call.Requests, call.Answer, shown: null, gate: null, over.Token);
            await delivery.SendAsync(http, pieces, call.Answer.Streaming, writer, over.Token);
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
