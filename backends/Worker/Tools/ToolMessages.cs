using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Worker.Tools;

/// <summary>Makes messages with calls and results into what a family's template can print.</summary>
internal static class ToolMessages
{
    /// <summary>How the description of tools begins.</summary>
    public const string Heading = "You can call these tools:";

    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // As prompts print JSON: characters as they are.
    private static readonly JsonSerializerOptions Printed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="messages">As <c>MessageReader</c> made them; changed in place.</param>
    /// <param name="tools">What may be called; null where nothing may.</param>
    /// <param name="family">The model's.</param>
    /// <returns>What the template is given as tools.</returns>
    public static JsonArray? Adapt(JsonArray messages, JsonArray? tools, ToolFamily family)
    {
        if (family.Prompted)
        {
            Spell(messages);
            if (tools is not null) Describe(messages, tools);
            return null;
        }

        foreach (var call in messages.SelectMany(static message => message!["tool_calls"] as JsonArray ?? []))
        {
            if (family.ShortIds) call!["id"] = Short((string)call["id"]!);
            // What is not JSON stays what it is, as the only argument.
            if (family.NeedsObjects && call!["function"]!["arguments"] is JsonValue text) call["function"]!["arguments"] = new JsonObject { ["arguments"] = text.DeepClone() };
        }

        if (family.ShortIds)
        {
            foreach (var message in messages.Where(static message => message!["tool_call_id"] is not null)) message!["tool_call_id"] = Short((string)message["tool_call_id"]!);
        }

        return tools;
    }

    /// <summary>The system message moved into the first of a user, for templates that have no place for one.</summary>
    public static void FoldSystem(JsonArray messages)
    {
        if ((string?)messages[0]!["role"] != "system" || messages.FirstOrDefault(static message => (string?)message!["role"] == "user") is not { } user) return;
        user["content"] = $"{messages[0]!["content"]}\n\n{user["content"]}";
        messages.RemoveAt(0);
    }

    // Calls as the answers write them, results as what the user says next.
    private static void Spell(JsonArray messages)
    {
        for (var at = 0; at < messages.Count; at++)
        {
            var message = messages[at]!.AsObject();
            if (message["tool_calls"] is JsonArray calls)
            {
                var text = new StringBuilder((string?)message["content"]);
                foreach (var call in calls)
                {
                    if (text.Length > 0) text.Append('\n');
                    text.Append("<tool_call>\n{\"name\": ").Append(call!["function"]!["name"]!.ToJsonString(Printed)).Append(", \"arguments\": ");
                    text.Append(call["function"]!["arguments"]!.ToJsonString(Printed)).Append("}\n</tool_call>");
                }

                message["content"] = text.ToString();
                message.Remove("tool_calls");
            }
            else if ((string?)message["role"] == "tool")
            {
                messages[at] = new JsonObject { ["role"] = "user", ["content"] = $"<tool_response>\n{message["content"]}\n</tool_response>" };
                Join(messages, ref at);
            }
            else if ((string?)message["role"] == "user" && at > 0 && ((string?)messages[at - 1]!["content"])?.EndsWith("</tool_response>", StringComparison.Ordinal) == true)
            {
                Join(messages, ref at);
            }
        }
    }

    // Templates that want user and assistant to take turns get one message for several.
    private static void Join(JsonArray messages, ref int at)
    {
        if (at == 0 || (string?)messages[at - 1]!["role"] != "user" || ((string?)messages[at - 1]!["content"])?.EndsWith("</tool_response>", StringComparison.Ordinal) != true) return;
        messages[at - 1]!["content"] = $"{messages[at - 1]!["content"]}\n{messages[at]!["content"]}";
        messages.RemoveAt(at--);
    }

    private static void Describe(JsonArray messages, JsonArray tools)
    {
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var tool in tools) text.Append(tool!["function"]!.ToJsonString(Printed)).Append('\n');
        text.Append("To call one, answer with nothing but its name and its arguments in this form:\n<tool_call>\n{\"name\": \"NAME\", \"arguments\": {\"ARGUMENT\": VALUE}}\n</tool_call>\n");
        text.Append("Its result comes as <tool_response>. Where no tool is of use, answer in words.");
        if ((string?)messages[0]!["role"] == "system") messages[0]!["content"] = $"{messages[0]!["content"]}\n\n{text}";
        else messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = text.ToString() });
    }

    // The same id, the same short one.
    private static string Short(string id) =>
        id.Length == 9 && id.All(char.IsAsciiLetterOrDigit) ? id : string.Concat(SHA256.HashData(Encoding.UTF8.GetBytes(id)).Take(9).Select(static value => Letters[value % Letters.Length]));
}
