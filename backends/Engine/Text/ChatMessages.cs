using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Engine.Text.Jinja;

namespace Gateway.Engine.Text;

/// <summary>What happens to messages before and after the template, as in transformers; and the disarming of control tokens.</summary>
internal static class ChatMessages
{
    private const string ContinueTag = "CONTINUE_FINAL_MESSAGE_TAG ";
    private static readonly string[] ReasoningNames = ["reasoning_content", "thinking", "reasoning"];

    public static (JsonArray Messages, JsonArray? Documents) Prepare(ChatTemplateInput input)
    {
        if (input.Messages.Count == 0) throw new ChatTemplateException("the conversation has no messages");
        if (input is { ContinueFinalMessage: true, AddGenerationPrompt: true }) throw new ChatTemplateException("continue_final_message and add_generation_prompt exclude each other");
        // Arguments are parsed before they are disarmed: their text may spell a token with escapes.
        var prepared = (JsonArray)input.Messages.DeepClone();
        foreach (var message in prepared) Normalize(message as JsonObject ?? throw new ChatTemplateException("a message is not an object"), input.ParseToolArguments);
        prepared = Disarm(prepared, input.ControlTokens);
        if (input.ContinueFinalMessage) OpenLast((JsonObject)prepared[^1]!);
        return (prepared, input.Documents is null ? null : Disarm(input.Documents, input.ControlTokens));
    }

    /// <summary>A copy in which every control token that a user wrote is broken by a guard; roles and types are left alone, templates compare them.</summary>
    public static T Disarm<T>(T nodes, IReadOnlyList<string>? controlTokens)
        where T : JsonNode
    {
        var copy = (T)nodes.DeepClone();
        var longest = controlTokens?.Where(token => token.Length > 1).OrderByDescending(token => token.Length).ToList() ?? [];
        if (longest.Count > 0) DisarmIn(copy, longest);
        return copy;
    }

    public static string CutAtContinuation(string text)
    {
        var at = text.LastIndexOf(ContinueTag.TrimEnd(), StringComparison.Ordinal);
        if (at < 0) throw new ChatTemplateException("the chat template dropped the message that was to be continued");
        var whole = string.CompareOrdinal(text, at, ContinueTag, 0, ContinueTag.Length) == 0;
        return whole ? text[..at] : text[..at].TrimEnd();
    }

    private static void Normalize(JsonObject message, bool parseArguments)
    {
        foreach (var name in message.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList()) message.Remove(name);
        if (ReasoningNames.Select(name => message[name]).FirstOrDefault(value => value is not null) is { } reasoning)
        {
            message["reasoning_content"] = reasoning.DeepClone();
            message["thinking"] ??= reasoning.DeepClone();
        }

        if (!parseArguments) return;
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
        {
            // The wire has arguments as text; templates were written for the object.
            if (call?["function"] is JsonObject function && function["arguments"] is JsonValue value && value.TryGetValue(out string? text) && TryParse(text) is { } parsed)
                function["arguments"] = parsed;
        }
    }

    private static void OpenLast(JsonObject last)
    {
        switch (last["content"])
        {
            case JsonValue value when value.TryGetValue(out string? text):
                last["content"] = text + ContinueTag;
                return;
            case JsonArray parts when parts.OfType<JsonObject>().LastOrDefault(part => part["text"] is not null) is { } part:
                part["text"] = (string)part["text"]! + ContinueTag;
                return;
            default:
                throw new ChatTemplateException("the last message has no text to be continued");
        }
    }

    private static JsonObject? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void DisarmIn(JsonNode? node, List<string> tokens)
    {
        switch (node)
        {
            case JsonArray array:
                for (var i = 0; i < array.Count; i++)
                {
                    if (Guarded(array[i], tokens) is { } safe) array[i] = safe;
                    else DisarmIn(array[i], tokens);
                }

                break;
            case JsonObject obj:
                foreach (var (key, value) in obj.ToList())
                {
                    var name = Guarded(key, tokens);
                    if (name != key)
                    {
                        obj.SetAt(obj.IndexOf(key), name, null);
                        obj[name] = value;
                    }

                    if (name is "role" or "type") continue;
                    if (Guarded(value, tokens) is { } safe) obj[name] = safe;
                    else DisarmIn(value, tokens);
                }

                break;
        }
    }

    private static string? Guarded(JsonNode? node, List<string> tokens)
    {
        return node is JsonValue value && value.TryGetValue(out string? text) ? Guarded(text, tokens) : null;
    }

    private static string Guarded(string text, List<string> tokens)
    {
        foreach (var token in tokens)
        {
            // After the first character, whole: half a surrogate pair would make a pair with the guard.
            var first = char.IsHighSurrogate(token[0]) ? 2 : 1;
            if (token.Length > first) text = text.Replace(token, token[..first] + Tokenizer.Guard + token[first..], StringComparison.Ordinal);
        }

        return text;
    }
}
