using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A call that the assistant wants made.</summary>
/// <param name="Id"><c>call_…</c>; the tool's message names it.</param>
/// <param name="Type"><c>function</c> or <c>custom</c>.</param>
public sealed record ToolCall(string Id, string Type = "function")
{
    /// <summary>Of a <c>function</c> call.</summary>
    public FunctionCall? Function { get; init; }

    /// <summary>Of a <c>custom</c> call.</summary>
    public CustomCall? Custom { get; init; }

    /// <summary>Whatever is newer than this record.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>A function and its arguments.</summary>
/// <param name="Name">The function's.</param>
/// <param name="Arguments">JSON as a string, even when there are none; a model may have written it badly.</param>
public sealed record FunctionCall(string Name, string Arguments);

/// <summary>A custom tool and its input.</summary>
/// <param name="Name">The tool's.</param>
/// <param name="Input">Text.</param>
public sealed record CustomCall(string Name, string Input);

/// <summary>What is new of a call in a stream. Id, type and name come once; the arguments add up.</summary>
/// <param name="Index">Which call of the choice.</param>
public sealed record ToolCallDelta(int Index)
{
    /// <summary>In the call's first delta.</summary>
    public string? Id { get; init; }

    /// <summary>In the call's first delta.</summary>
    public string? Type { get; init; }

    /// <summary>The name in the first delta, and more of the arguments.</summary>
    public FunctionCallDelta? Function { get; init; }

    /// <summary>The same of a custom tool.</summary>
    public CustomCallDelta? Custom { get; init; }
}

/// <summary>What is new of a function call in a stream.</summary>
public sealed record FunctionCallDelta(string? Name = null, string? Arguments = null);

/// <summary>What is new of a custom tool's call in a stream.</summary>
public sealed record CustomCallDelta(string? Name = null, string? Input = null);
