using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Engine.Constraints;
using Gateway.Worker.Constraints;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>The one place that understands a chat request: its fields, defaults, ranges, template and tokens.</summary>
internal static class ChatRequestReader
{
    public static ChatCall Read(JsonFields fields, LoadedModel model)
    {
        SharedFields.CheckModel(fields, model);
        CheckWithoutEffect(fields);
        RefuseUnsupported(fields);
        var answer = AnswerReader.Read(fields);
        var logProbs = fields.Flag("logprobs") ?? false;
        var top = (int?)fields.Integer("top_logprobs", 0, 20);
        if (top is not null && !logProbs) throw Problems.Invalid("top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
        // Both names at once: the smaller wins.
        var most = Math.Min(
            fields.Integer("max_completion_tokens", 1, long.MaxValue) ?? long.MaxValue, fields.Integer("max_tokens", 1, long.MaxValue) ?? long.MaxValue);
        var sampling = SamplingReader.Read(fields, model, logProbs ? top ?? 0 : answer.Ranks ? 0 : null) with { MinTokens = SamplingReader.MinTokens(fields, most) };
        var ends = SamplingReader.EndTokens(fields, model);
        var tier = fields.OneOf("service_tier", "auto", "default", "flex", "scale", "priority", "fast");
        var constraint = ConstraintReader.Read(fields, model);
        var tools = ToolsReader.Read(fields, model);
        if (tools is { Shown: not null })
        {
            if (constraint is not null && !tools.Forced) throw Problems.Unsupported(BoundBy(fields), "An answer that may be a tool call or be bound in another way is not yet; force a call, or set 'tool_choice' to 'none'.");
            if (answer.Beams is not null) throw Problems.Invalid("use_beam_search", "Invalid 'use_beam_search': it is not allowed together with 'tools'.");
        }

        // A call that is forced is all of the answer.
        if (tools is not null && (constraint is null || tools.Forced) && answer.Beams is null) constraint = new Constraint(tools.Grammar(), model.Trie);
        if (tools is { Forced: true }) answer = answer with { Stops = [] };
        var prompt = ChatPromptReader.Read(fields, model, tools?.Shown);
        if (prompt.Ids.Length == 0) throw Problems.Invalid("messages", "The messages give an empty prompt.");
        if (prompt.Ids.Length >= model.Context) throw Problems.ContextExceeded("messages", model.Context, prompt.Ids.Length);
        // More than the context holds is clamped, not refused: agents ask for 32,000 of everyone.
        var request = new GenerationRequest(prompt.Ids, sampling, (int)Math.Min(most, model.Context - prompt.Ids.Length), ends) { Constraint = constraint };
        // A bound answer begins at once: all of it is content.
        var thinking = (constraint is null || tools is { Forced: false }) && model.Reasoning is { } tags ? Thinking.After(prompt.Text, tags) : null;
        return new ChatCall(request, answer, thinking, logProbs, tier is null or "auto" ? "default" : tier) { Tools = tools };
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
        fields.Flag("store");
    }

    private static string BoundBy(JsonFields fields) => fields.Has("response_format") ? "response_format" : "tools";

    private static void RefuseUnsupported(JsonFields fields)
    {
        SharedFields.Refuse(fields, "store", "audio", "web_search_options", "moderation");
        var functionsOff = fields.TryGet("function_call", out var call) && call.ValueKind == JsonValueKind.String && call.ValueEquals("none"u8);
        if (!functionsOff) SharedFields.Refuse(fields, "functions", "function_call");
        if (fields.Array("modalities") is { } modalities)
        {
            for (var i = 0; i < modalities.GetArrayLength(); i++)
                if (JsonFields.AsText(modalities[i], $"modalities[{i}]") != "text") throw Problems.Unsupported("modalities", "Only 'text' is.");
        }
    }
}
