using Gateway.Protocol;
using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/chat/completions", AnswerAsync);

    private static async Task AnswerAsync(HttpContext http, ModelSlot slot, WorkerOptions options, TimeProvider time, ILogger<ChatAssembler> logger)
    {
        using var body = await RequestBody.ReadAsync(http.Request, options.MaxBodyBytes, http.RequestAborted);
        var model = slot.Need(JsonFields.Of(body.RootElement).Text("model"));
        var call = ChatRequestReader.Read(body.RootElement, model);
        var assembler = new ChatAssembler(model, call, time);
        if (call.Stream) await EventStream.WriteAsync(http, assembler.ChunksAsync(http.RequestAborted), ProtocolJson.Wire.ChatCompletionChunk, logger);
        else await http.Response.WriteAsJsonAsync(await assembler.FoldAsync(http.RequestAborted), ProtocolJson.Wire.ChatCompletion, cancellationToken: http.RequestAborted);
    }
}
