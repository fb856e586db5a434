using Gateway.Engine.Text;
using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatApi(ModelSlot slot, WorkerLimits limits, TimeProvider time, ILogger<ChatApi> log)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/chat/completions", (HttpContext http, ChatApi api) => api.CompleteAsync(http));

    private async Task CompleteAsync(HttpContext http)
    {
        var model = slot.Required;
        ChatCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
            call = ChatRequestReader.Read(body.RootElement, model);
        var writer = new ChatWriter(model, call, $"chatcmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            var streams = model.Backend.Generate(call.Requests(), over.Token);
            var choices = streams.Select((tokens, i) => TextAssembler.PiecesAsync(
                i, tokens, new TextStream(model.Tokenizer, call.Request.Prompt.Span), new StopStrings(call.Stops), over.Token)).ToList();
            await Delivery.SendAsync(http, Interleaved.Merge(choices, over.Token), call.Streaming, writer, log, over.Token);
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
