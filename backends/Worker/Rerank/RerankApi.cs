using System.Text.Json;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Rerank;

/// <summary><c>POST /v1/rerank</c>, under its other usual addresses too.</summary>
internal sealed class RerankApi(ModelSlot slot, WorkerLimits limits)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/v1/rerank", "/v2/rerank", "/rerank"]) routes.MapPost(path, (HttpContext http, RerankApi api) => api.RankAsync(http));
    }

    private async Task RankAsync(HttpContext http)
    {
        var model = slot.Reranker;
        RerankCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = RerankRequestReader.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
        }

        var logits = await model.Backend.EncodeAsync(call.Pairs, http.RequestAborted);
        var scores = logits.Select(logit => call.Raw ? logit[0] : 1 / (1 + MathF.Exp(-logit[0]))).ToArray();
        await Answer.JsonAsync(http, json => Write(json, model.Name, call, scores));
    }

    private static void Write(Utf8JsonWriter json, string model, RerankCall call, float[] scores)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, $"rerank-{Guid.NewGuid():N}");
        json.WriteString("model"u8, model);
        json.WriteStartArray("results"u8);
        // A stable order: of equal scores the earlier document comes first.
        foreach (var index in Enumerable.Range(0, scores.Length).OrderByDescending(index => scores[index]).Take(call.Top))
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            json.WriteNumber("relevance_score"u8, scores[index]);
            if (call.ReturnDocuments)
            {
                json.WriteStartObject("document"u8);
                json.WriteString("text"u8, call.Documents[index]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, call.PromptTokens);
        json.WriteNumber("total_tokens"u8, call.PromptTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
