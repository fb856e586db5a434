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
        if (tools is not null && answer.Beams is not null) throw Problems.Invalid("use_beam_search", "Invalid 'use_beam_search': it is not allowed together with 'tools'.");
        if (tools is { Mode: ToolMode.Auto } && constraint is not null && BoundAsText(fields) is { } field)
            throw Problems.Unsupported(field, "Beside tools that may be called only JSON can bind the answer; force a call, or set 'tool_choice' to 'none'.");
        var prompt = ChatPromptReader.Read(fields, model, tools?.Shown);
        if (prompt.Ids.Length == 0) throw Problems.Invalid("messages", "The messages give an empty prompt.");
        if (prompt.Ids.Length >= model.Context) throw Problems.ContextExceeded("messages", model.Context, prompt.Ids.Length);
        var thinking = model.Reasoning is { } tags ? Thinking.After(prompt.Text, tags) : null;
        var plan = tools is null || (tools.Mode == ToolMode.None && constraint is not null) ? null : tools.Plan(tools.Forced ? null : constraint?.Grammar, thinking?.Form);
        // A call that is forced is all of the answer.
        if (tools is { Forced: true }) answer = answer with { Stops = [] };
        if (plan is not null) constraint = new Constraint(plan.Grammar, model.Tools.Trie);
        // More than the context holds is clamped, not refused: agents ask for 32,000 of everyone.
        var request = new GenerationRequest(prompt.Ids, sampling, (int)Math.Min(most, model.Context - prompt.Ids.Length), ends) { Constraint = constraint };
        // An answer that is bound without tools begins at once: all of it is content.
        if (constraint is not null && plan is null) thinking = null;
        return new ChatCall(request, answer, thinking, logProbs, tier is null or "auto" ? "default" : tier) { Tools = tools, Plan = plan };
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

    // What may look like anything could look like a call.
    private static string? BoundAsText(JsonFields fields)
    {
        foreach (var name in (ReadOnlySpan<string>)["guided_regex", "guided_choice", "guided_grammar"])
            if (fields.Has(name)) return name;
        return fields.Object("structured_outputs") is { } structured && !structured.Has("json") && !structured.Has("json_object") ? "structured_outputs" : null;
    }

    private static void RefuseUnsupported(JsonFields fields)
    {
        SharedFields.Refuse(fields, "store", "audio", "web_search_options", "moderation");
        if (fields.Array("modalities") is { } modalities)
        {
            for (var i = 0; i < modalities.GetArrayLength(); i++)
                if (JsonFields.AsText(modalities[i], $"modalities[{i}]") != "text") throw Problems.Unsupported("modalities", "Only 'text' is.");
        }
    }
}
