using System.Text.Json.Nodes;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>The fields of a chat request that make its prompt: messages, and what the model's template reads beside them.</summary>
internal static class ChatPromptReader
{
    private static readonly string[] TemplatesOwn = ["messages", "tools", "documents", "add_generation_prompt"];
    private static readonly string[] ThinkingSwitches = ["enable_thinking", "thinking"];

    public static ChatPrompt Read(JsonFields fields, LoadedModel model, JsonArray? tools = null)
    {
        var messages = MessageReader.Read(fields);
        if (model.Template is null) throw Problems.NoTemplate(model.Name);
        var options = fields.Object("chat_template_kwargs") is { } given ? (JsonObject)JsonCopy.Of(given.Element)! : [];
        // A second set of messages would pass by every check that the first one went through.
        if (TemplatesOwn.FirstOrDefault(options.ContainsKey) is { } own)
            throw Problems.Invalid("chat_template_kwargs", $"Invalid 'chat_template_kwargs': '{own}' is not a variable that a request may set.");
        var continues = fields.Flag("continue_final_message") ?? false;
        var opens = fields.Flag("add_generation_prompt") ?? !continues;
        if (continues && opens) throw Problems.Invalid("continue_final_message", "'continue_final_message' and 'add_generation_prompt' exclude each other.");
        ReadEffort(fields, model, options);
        // A wish for the length of prose: a variable where the template reads one, and nowhere a rule.
        if (fields.OneOf("verbosity", "low", "medium", "high") is { } verbosity && Reads(model, "verbosity")) options["verbosity"] = verbosity;
        var described = model.Tools.Family.Prompted && tools is not null;
        tools = ToolMessages.Adapt(messages, tools, model.Tools.Family);
        var input = new ChatTemplateInput(
            messages, tools, AddGenerationPrompt: opens, ContinueFinalMessage: continues, SpecialTokens: model.SpecialTokens, Options: options,
            ControlTokens: model.Tokenizer.SpecialTokens);
        string text;
        try
        {
            text = Render(model.Template, input, described);
        }
        catch (ChatTemplateException refused)
        {
            throw Problems.Invalid("messages", $"The model's chat template refused the messages: {refused.Message}");
        }

        // The template wrote the special tokens itself.
        return new ChatPrompt(text, model.Tokenizer.Encode(text, addSpecialTokens: false));
    }

    // A template without a place for a system message refuses it or drops it; tools that we described must not be lost.
    private static string Render(ChatTemplate template, ChatTemplateInput input, bool described)
    {
        try
        {
            var text = template.Render(input);
            if (!described || text.Contains(ToolMessages.Heading, StringComparison.Ordinal)) return text;
        }
        catch (ChatTemplateException) when (described)
        {
        }

        ToolMessages.FoldSystem(input.Messages);
        return template.Render(input);
    }

    // The template's own variable where it has one, else its switch for thinking; a model that has neither reasons as much as it does.
    private static void ReadEffort(JsonFields fields, LoadedModel model, JsonObject options)
    {
        if (fields.OneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh", "max") is not { } effort) return;
        var toggle = ThinkingSwitches.FirstOrDefault(name => Reads(model, name));
        if (Reads(model, "reasoning_effort")) options["reasoning_effort"] = effort;
        if (toggle is not null && !options.ContainsKey(toggle)) options[toggle] = effort != "none";
        if (effort == "none" && toggle is null && !Reads(model, "reasoning_effort") && model.Reasoning is not null)
            throw Problems.UnsupportedValue("reasoning_effort", "Invalid 'reasoning_effort': this model always reasons; its chat template has no switch for it.");
    }

    private static bool Reads(LoadedModel model, string variable) => model.TemplateSource.Contains(variable, StringComparison.Ordinal);
}
