using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatApi(ModelSlot slot, WorkerLimits limits, Delivery delivery, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/chat/completions", (HttpContext http, ChatApi api) => api.CompleteAsync(http));

    private async Task CompleteAsync(HttpContext http)
    {
        var model = slot.Required;
        ChatCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = ChatRequestReader.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
            if (call.Tools is { Unenforced: [_, ..] paths }) http.Response.Headers["x-gateway-unenforced"] = string.Join(", ", paths);
        }

        var writer = new ChatWriter(model, call, $"chatcmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        try
        {
            var pieces = Candidates.Start(
                model, [call.Request], call.Answer, call.Plan is null ? model.Reasoning?.SpecialTokens : model.Tools.Shown,
                call.Plan is { } plan ? () => new CallGate(call.Thinking, plan) : null, over.Token);
            await delivery.SendAsync(http, pieces, call.Answer.Streaming, writer, over.Token);
        }
        finally
        {
            await over.CancelAsync();
        }
    }
}
