using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Chat;

/// <summary>The one place that understands a chat request: its fields, defaults, ranges, template and tokens.</summary>
internal static class ChatRequestReader
{
    private static readonly string[] TemplatesOwn = ["messages", "tools", "documents", "add_generation_prompt"];

    public static ChatCall Read(JsonElement body, LoadedModel model)
    {
        var fields = JsonFields.Of(body);
        SharedFields.CheckModel(fields, model);
        CheckWithoutEffect(fields);
        RefuseUnsupported(fields);
        var streaming = SamplingReader.Streaming(fields);
        var logProbs = fields.Flag("logprobs") ?? false;
        var top = (int?)fields.Integer("top_logprobs", 0, 20);
        if (top is not null && !logProbs) throw Problems.Invalid("top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
        var sampling = SamplingReader.Read(fields, model, logProbs ? top ?? 0 : null);
        var choices = (int)(fields.Integer("n", 1, 128) ?? 1);
        // Both names at once: the smaller wins.
        var most = Math.Min(
            fields.Integer("max_completion_tokens", 1, long.MaxValue) ?? long.MaxValue, fields.Integer("max_tokens", 1, long.MaxValue) ?? long.MaxValue);
        var stops = SamplingReader.Stops(fields);
        var ends = SamplingReader.EndTokens(fields, model);
        var tier = fields.OneOf("service_tier", "auto", "default", "flex", "scale", "priority", "fast");
        var prompt = Prompt(fields, model);
        // More than the context holds is clamped, not refused: agents ask for 32,000 of everyone.
        var request = new GenerationRequest(prompt, sampling, (int)Math.Min(most, model.Context - prompt.Length), ends);
        return new ChatCall(request, choices, stops, streaming, logProbs, tier is null or "auto" ? "default" : tier);
    }

    private static int[] Prompt(JsonFields fields, LoadedModel model)
    {
        var messages = MessageReader.Read(fields);
        if (model.Template is null) throw Problems.NoTemplate(model.Name);
        var options = fields.Object("chat_template_kwargs") is { } given ? (JsonObject)JsonCopy.Of(given.Element)! : [];
        // A second set of messages would pass by every check that the first one went through.
        if (TemplatesOwn.FirstOrDefault(options.ContainsKey) is { } own)
            throw Problems.Invalid("chat_template_kwargs", $"Invalid 'chat_template_kwargs': '{own}' is not a variable that a request may set.");
        Hint("reasoning_effort", "none");
        Hint("verbosity", "medium");
        string text;
        try
        {
            text = model.Template.Render(new ChatTemplateInput(
                messages, SpecialTokens: model.SpecialTokens, Options: options, ControlTokens: model.Tokenizer.SpecialTokens));
        }
        catch (ChatTemplateException refused)
        {
            throw Problems.Invalid("messages", $"The model's chat template refused the messages: {refused.Message}");
        }

        // The template wrote the special tokens itself.
        var prompt = model.Tokenizer.Encode(text, addSpecialTokens: false);
        if (prompt.Length == 0) throw Problems.Invalid("messages", "The messages give an empty prompt.");
        return prompt.Length < model.Context ? prompt : throw Problems.ContextExceeded("messages", model.Context, prompt.Length);

        // A variable of the template where it reads one; elsewhere only the value that changes nothing.
        void Hint(string name, string neutral)
        {
            if (fields.Text(name) is not { } value) return;
            if (model.TemplateSource.Contains(name, StringComparison.Ordinal)) options[name] = value;
            else if (value != neutral) throw Problems.Unsupported(name, $"Its chat template does not know it; only '{neutral}' is accepted.");
        }
    }

    // A prediction only speeds the answer up, cache hints and user names only concern a hosted service: accepting them changes no text.
    private static void CheckWithoutEffect(JsonFields fields)
    {
        SharedFields.CheckMetadata(fields);
        fields.Text("user");
        fields.Text("safety_identifier", 64);
        fields.Text("prompt_cache_key");
        fields.OneOf("prompt_cache_retention", "in_memory", "in-memory", "24h");
        fields.Object("prompt_cache_options");
        fields.Object("prediction");
        fields.Flag("parallel_tool_calls");
        fields.Flag("store");
        fields.OneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh", "max");
        fields.OneOf("verbosity", "low", "medium", "high");
    }

    private static void RefuseUnsupported(JsonFields fields)
    {
        SharedFields.Refuse(fields, "store", "audio", "web_search_options", "moderation");
        var toolsOff = fields.TryGet("tool_choice", out var choice) && choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none"u8);
        if (!toolsOff) SharedFields.Refuse(fields, "tools");
        if (fields.Has("tool_choice") && !toolsOff && !(choice.ValueKind == JsonValueKind.String && choice.ValueEquals("auto"u8)))
            throw Problems.Unsupported("tool_choice");
        var functionsOff = fields.TryGet("function_call", out var call) && call.ValueKind == JsonValueKind.String && call.ValueEquals("none"u8);
        if (!functionsOff) SharedFields.Refuse(fields, "functions", "function_call");
        if (fields.Array("modalities") is { } modalities)
        {
            for (var i = 0; i < modalities.GetArrayLength(); i++)
                if (JsonFields.AsText(modalities[i], $"modalities[{i}]") != "text") throw Problems.Unsupported("modalities", "Only 'text' is.");
        }

        if (fields.Object("response_format") is not { } format) return;
        var type = format.OneOf("type", "text", "json_object", "json_schema") ?? throw Problems.Missing("response_format.type");
        if (type != "text") throw Problems.Unsupported("response_format", "Only the type 'text' is.");
    }
}
