using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>What a chunk adds to an answer. The role comes once, in the first chunk of a choice, and with it content and refusal even where they are null; the last delta is empty.</summary>
public sealed record ChatDelta
{
    /// <summary>The last delta of a choice, which says nothing.</summary>
    [JsonConstructor]
    public ChatDelta()
    {
    }

    /// <summary>A delta of text.</summary>
    public ChatDelta(string? role = null, string? content = null) => (Role, Content) = (role, content);

    /// <summary><c>assistant</c>, once.</summary>
    public string? Role { get; init; }

    /// <summary>More text.</summary>
    [JsonIgnore]
    public string? Content { get; init; }

    /// <summary>More of the reason why the model will not answer.</summary>
    [JsonIgnore]
    public string? Refusal { get; init; }

    /// <summary>More of the calls.</summary>
    public IReadOnlyList<ToolCallDelta>? ToolCalls { get; init; }

    [JsonInclude, JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal TextField WireContent { get => new(Content, Role is not null || Content is not null); init => Content = value.Value; }

    [JsonInclude, JsonPropertyName("refusal"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal TextField WireRefusal { get => new(Refusal, Role is not null || Refusal is not null); init => Refusal = value.Value; }

    /// <summary>Thoughts, sound and whatever is newer than this record.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
