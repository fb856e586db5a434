using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A tool that the model may call.</summary>
/// <param name="Type"><c>function</c> or <c>custom</c>.</param>
public sealed record ChatTool(string Type = "function")
{
    /// <summary>Of a <c>function</c> tool.</summary>
    public ToolFunction? Function { get; init; }

    /// <summary>Of a <c>custom</c> tool.</summary>
    public CustomTool? Custom { get; init; }

    /// <summary>Whatever is newer than this record.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>A tool that takes arguments.</summary>
    public static ChatTool Of(ToolFunction function) => new() { Function = function };

    /// <summary>A tool that takes text.</summary>
    public static ChatTool Of(CustomTool custom) => new("custom") { Custom = custom };
}

/// <summary>A function as a model sees it.</summary>
/// <param name="Name">At most 64 of <c>[A-Za-z0-9_-]</c>.</param>
public sealed record ToolFunction(string Name)
{
    /// <summary>When to call it.</summary>
    public string? Description { get; init; }

    /// <summary>JSON Schema of the arguments.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>Whether the arguments must obey the schema.</summary>
    public bool? Strict { get; init; }
}
