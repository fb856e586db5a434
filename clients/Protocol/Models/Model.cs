using System.Text.Json.Serialization;

namespace Gateway.Protocol.Models;

/// <summary>A published model.</summary>
public sealed record Model([property: JsonPropertyOrder(-2)] string Id, long Created, string OwnedBy)
{
    /// <summary>Always <c>model</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "model";

    /// <summary>Most tokens of prompt and answer, where it is known; not of OpenAI's contract.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The same under the name that vLLM gives it.</summary>
    public int? MaxModelLen { get; init; }
}

/// <summary>The answer of <c>GET /v1/models</c>.</summary>
public sealed record ModelList(IReadOnlyList<Model> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "list";
}

/// <summary>A model as the API of 2022 called it.</summary>
public sealed record EngineEntry([property: JsonPropertyOrder(-2)] string Id, string Owner, bool Ready, long Created)
{
    /// <summary>Always <c>engine</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "engine";
}

/// <summary>The answer of <c>GET /v1/engines</c>.</summary>
public sealed record EngineList(IReadOnlyList<EngineEntry> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object { get; init; } = "list";
}
