using Gateway.Protocol;
using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal static class CompletionsApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/completions", AnswerAsync);

    private static async Task AnswerAsync(HttpContext http, ModelSlot slot, WorkerOptions options, TimeProvider time, ILogger<CompletionAssembler> logger)
    {
        using var body = await RequestBody.ReadAsync(http.Request, options.MaxBodyBytes, http.RequestAborted);
        var model = slot.Need(JsonFields.Of(body.RootElement).Text("model"));
        var call = CompletionRequestReader.Read(body.RootElement, model);
        var assembler = new CompletionAssembler(model, call, time);
        if (call.Stream) await EventStream.WriteAsync(http, assembler.EventsAsync(http.RequestAborted), ProtocolJson.Wire.Completion, logger);
        else await http.Response.WriteAsJsonAsync(await assembler.FoldAsync(http.RequestAborted), ProtocolJson.Wire.Completion, cancellationToken: http.RequestAborted);
    }
}
