using Gateway.Engine.Text;
using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal sealed class CompletionApi(ModelSlot slot, WorkerLimits limits, TimeProvider time, ILogger<CompletionApi> log)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/completions", (HttpContext http, CompletionApi api) => api.CompleteAsync(http));

    private async Task CompleteAsync(HttpContext http)
    {
        var model = slot.Required;
        CompletionCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
            call = CompletionRequestReader.Read(body.RootElement, model);
        var writer = new CompletionWriter(model, call, $"cmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            var requests = call.All();
            var streams = model.Backend.Generate(requests, over.Token);
            var choices = streams.Select((tokens, i) => TextAssembler.PiecesAsync(
                i, tokens, new TextStream(model.Tokenizer, requests[i].Prompt.Span), new StopStrings(call.Stops), over.Token)).ToList();
            await Delivery.SendAsync(http, Interleaved.Merge(choices, over.Token), call.Streaming, writer, log, over.Token);
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
