using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>The one place that understands a chat request: ranges, defaults, template, tokens.</summary>
internal static class ChatRequestReader
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    public static ChatCall Read(JsonElement root, LoadedModel model)
    {
        var fields = JsonFields.Of(root);
        Unsupported(fields);
        CommonFields.CheckRecords(fields);
        var (stream, usage) = CommonFields.Streaming(fields);
        var logProbs = fields.Flag("logprobs") ?? false;
        var top = fields.Integer("top_logprobs", 0, 20);
        if (top is not null && !logProbs) throw Problems.Invalid("top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
        var sampling = CommonFields.Sampling(fields, model, logProbs ? (int)(top ?? 0) : null);
        var stops = CommonFields.Stops(fields);
        var choices = CommonFields.Choices(fields);
        var most = Smaller(fields.Integer("max_completion_tokens", 1, int.MaxValue), fields.Integer("max_tokens", 1, int.MaxValue));
        var tier = fields.OneOf("service_tier", "auto", "default", "flex", "scale", "priority", "fast");

        var prompt = Prompt(fields, model);
        var room = CommonFields.Room((int?)most, prompt.Length, model, "messages");
        // Choices of one seed must differ, and each must be the same when asked for again.
        var requests = Enumerable.Range(0, choices).Select(i =>
            new GenerationRequest(prompt, sampling with { Seed = sampling.Seed is { } seed ? unchecked(seed + i) : null }, room, model.Defaults.EndTokens)).ToList();
        return new ChatCall(requests, stops, stream, usage, logProbs, tier is null ? null : "default");
    }

    private static long? Smaller(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    private static void Unsupported(JsonFields fields)
    {
        CommonFields.Refuse(fields, "audio", "prediction", "web_search_options", "functions", "function_call", "moderation");
        if (fields.Array("tools") is { } tools && tools.GetArrayLength() > 0) throw Problems.Unsupported("tools");
        if (fields.TryGet("tool_choice", out var choice) && !(choice.ValueKind == JsonValueKind.String && choice.GetString() is "none" or "auto")) throw Problems.Unsupported("tool_choice");
        fields.Flag("parallel_tool_calls");
        if (fields.Flag("store") is true) throw Problems.Unsupported("store");
        if (fields.Array("modalities") is { } modalities && modalities.EnumerateArray().Any(m => !(m.ValueKind == JsonValueKind.String && m.GetString() == "text"))) throw Problems.Unsupported("modalities");
        if (fields.Object("response_format") is { } format && format.RequiredText("type") is var type && type != "text") throw Problems.Unsupported("response_format", $"The type '{type}' cannot be enforced yet.");
        if (fields.OneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh", "max") is not (null or "none")) throw Problems.Unsupported("reasoning_effort", "The model does not reason.");
        if (fields.OneOf("verbosity", "low", "medium", "high") is not (null or "medium")) throw Problems.Unsupported("verbosity");
    }

    private static int[] Prompt(JsonFields fields, LoadedModel model)
    {
        var messages = Messages(fields);
        if (model.Template is null) throw Problems.NoTemplate(model.Name);
        try
        {
            var text = model.Template.Render(new ChatTemplateInput(messages, SpecialTokens: model.SpecialTokens, ControlTokens: model.Tokenizer.SpecialTokens));
            // The template writes the beginning of a text itself.
            return model.Tokenizer.Encode(text, addSpecialTokens: false);
        }
        catch (ChatTemplateException e)
        {
            throw Problems.Invalid("messages", $"The model's chat template refused the messages: {e.Message}");
        }
    }

    private static JsonArray Messages(JsonFields fields)
    {
        var array = fields.Array("messages") ?? throw Problems.Missing("messages");
        if (array.GetArrayLength() == 0) throw Problems.EmptyArray("messages");
        return new JsonArray([.. array.EnumerateArray().Select((message, i) => (JsonNode)Message(message, $"messages[{i}]"))]);
    }

    private static JsonObject Message(JsonElement element, string path)
    {
        var message = JsonFields.Of(element, path);
        var role = message.RequiredText("role");
        if (!Roles.Contains(role)) throw Problems.NotOneOf($"{path}.role", role, Roles);
        if (message.Has("tool_calls")) throw Problems.Unsupported($"{path}.tool_calls");
        if (role is "tool" or "function") throw Problems.UnsupportedValue($"{path}.role", $"Messages with the role '{role}' are not supported with this model.");
        var text = Content(message, path);
        // Templates know the older name.
        var read = new JsonObject { ["role"] = role == "developer" ? "system" : role, ["content"] = text };
        if (message.Text("name") is { } name) read["name"] = name;
        if (message.Text("reasoning_content") is { } reasoning) read["reasoning_content"] = reasoning;
        return read;
    }

    private static string Content(JsonFields message, string path)
    {
        if (!message.TryGet("content", out var content)) throw Problems.Missing($"{path}.content");
        if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array) throw Problems.WrongType($"{path}.content", "a string or an array of parts", WireJson.Kind(content));
        if (content.GetArrayLength() == 0) throw Problems.EmptyArray($"{path}.content");
        return string.Concat(content.EnumerateArray().Select((part, i) =>
        {
            var fields = JsonFields.Of(part, $"{path}.content[{i}]");
            var type = fields.RequiredText("type");
            return type switch
            {
                "text" => fields.RequiredText("text"),
                "refusal" => fields.RequiredText("refusal"),
                "image_url" or "input_audio" or "file" => throw Problems.UnsupportedValue($"{path}.content[{i}].type", $"Parts of type '{type}' are not supported with this model: it reads text only."),
                _ => throw Problems.NotOneOf($"{path}.content[{i}].type", type, "text", "refusal", "image_url", "input_audio", "file"),
            };
        }));
    }
}
