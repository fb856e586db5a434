using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Text.Jinja;

namespace Gateway.Engine.Text;

/// <summary>
/// A model's chat template: Hugging Face's dialect of Jinja, rendered as transformers' <c>apply_chat_template</c> does. The template is text
/// from a model, so everything it does is bounded. Thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    private const int MaxSource = 1 << 20; // characters; real templates stay under 50,000
    private readonly IReadOnlyList<Statement> statements;

    private ChatTemplate(IReadOnlyList<Statement> statements) => this.statements = statements;

    /// <summary>Reads a template.</summary>
    /// <exception cref="ModelFolderException">It is not Jinja, or uses what is not supported.</exception>
    public static ChatTemplate Parse(string source, string file)
    {
        if (source.Length > MaxSource) throw new ModelFolderException(file, $"the chat template has {source.Length} characters, more than the {MaxSource} allowed");
        try
        {
            return new ChatTemplate(new Parser(new Lexer(source).Read()).Template());
        }
        catch (JinjaSyntaxException e)
        {
            throw new ModelFolderException(file, $"the chat template cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Renders a conversation to the model's prompt.</summary>
    /// <exception cref="ChatTemplateException">The template refused the conversation, or ran past its bounds.</exception>
    public string Render(ChatTemplateInput input)
    {
        var (messages, documents) = ChatMessages.Prepare(input);
        var globals = new Scope(null);
        TemplateGlobals.Fill(globals, input.Clock ?? TimeProvider.System);
        foreach (var (name, text) in input.SpecialTokens ?? new Dictionary<string, string>()) globals[name] = text;
        globals["messages"] = JsonText.FromNode(messages);
        globals["tools"] = JsonText.FromNode(input.Tools is null ? null : ChatMessages.Disarm(input.Tools, input.ControlTokens));
        globals["documents"] = JsonText.FromNode(documents);
        globals["add_generation_prompt"] = input.AddGenerationPrompt;
        foreach (var (name, value) in ChatMessages.Disarm(input.Options ?? [], input.ControlTokens)) globals[name] = JsonText.FromNode(value);
        try
        {
            var text = new Interpreter(new Budget(), globals).Render(statements);
            return input.ContinueFinalMessage ? ChatMessages.CutAtContinuation(text) : text;
        }
        catch (InsufficientExecutionStackException)
        {
            throw new ChatTemplateException("the chat template nests its calls too deep");
        }
    }
}
