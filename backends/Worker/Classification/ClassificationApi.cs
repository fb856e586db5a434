using System.Numerics.Tensors;
using System.Text.Json;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Classification;

/// <summary><c>POST /v1/classify</c>: the probability of each of a classifier's labels.</summary>
internal sealed class ClassificationApi(ModelSlot slot, WorkerLimits limits, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/v1/classify", "/classify"]) routes.MapPost(path, (HttpContext http, ClassificationApi api) => api.ClassifyAsync(http));
    }

    private async Task ClassifyAsync(HttpContext http)
    {
        var model = slot.Classifier;
        ClassificationCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = ClassificationRequestReader.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
        }

        var scores = await model.Backend.EncodeAsync(call.Inputs, http.RequestAborted);
        await Answer.JsonAsync(http, json => Write(json, model, call, scores));
    }

    private void Write(Utf8JsonWriter json, LoadedEncoder model, ClassificationCall call, IReadOnlyList<float[]> scores)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, $"classify-{Guid.NewGuid():N}");
        json.WriteString("object"u8, "list"u8);
        json.WriteNumber("created"u8, time.GetUtcNow().ToUnixTimeSeconds());
        json.WriteString("model"u8, model.Name);
        json.WriteStartArray("data"u8);
        for (var index = 0; index < scores.Count; index++)
        {
            var best = TensorPrimitives.IndexOfMax<float>(scores[index]);
            json.WriteStartObject();
            json.WriteNumber("index"u8, index);
            json.WriteString("label"u8, model.Folder.Labels[best]);
            json.WriteStartArray("probs"u8);
            foreach (var probability in call.Raw ? scores[index] : Probabilities(scores[index], model.Folder.LabelsExclude)) json.WriteNumberValue(probability);
            json.WriteEndArray();
            json.WriteNumber("num_classes"u8, scores[index].Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, call.PromptTokens);
        json.WriteNumber("total_tokens"u8, call.PromptTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static float[] Probabilities(float[] scores, bool exclude)
    {
        var probabilities = new float[scores.Length];
        if (exclude) TensorPrimitives.SoftMax<float>(scores, probabilities);
        else TensorPrimitives.Sigmoid<float>(scores, probabilities);
        return probabilities;
    }
}
