using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>Where this gateway differs from the recorded live service on purpose, each with its reason.</summary>
internal static class RecordedDifferences
{
    // What is answered with a refusal here: (part of the exchange's name, status, parameter, code, reason).
    private static readonly (string Name, int Status, string? Param, string? Code, string Reason)[] Refusals =
    [
        ("MessagesWithPagination", 400, "messages[3].content[1].type", "unsupported_value", "an image for a model that takes text only is refused, not skipped"),
        ("WebSearchWorks", 400, "web_search_options", "unsupported_parameter", "nothing here searches the web"),
        ("BadOptions", 400, "dimensions", "integer_below_min_value", "the live embeddings endpoint has an older validator; here a range has one form everywhere"),
        ("DeleteModelCanParseServiceError", 405, null, "method_not_supported", "models are the operator's: no route deletes one"),
    ];

    // What may stand in an answer on one side only.
    private static readonly (string Path, string Reason)[] Extras =
    [
        ("$.obfuscation", "padding is off unless asked for"),
        ("$.choices[].message.content", "whether a call is made, is the model's choice"),
        ("$.choices[].message.tool_calls", "whether a call is made, is the model's choice"),
        ("$.choices[].message.function_call", "whether a call is made, is the model's choice"),
        ("$.choices[].logprobs", "absent from recorded reasoning models' answers; the document requires it"),
        ("$.choices[].message.refusal", "a small model does not refuse"),
        ("$.service_tier", "absent from a recorded search model's answer"),
        ("$.context_length", "how much fits, for clients that look"),
        ("$.max_model_len", "how much fits, under vLLM's name"),
        ("$.data[].context_length", "the same in the list"),
        ("$.data[].max_model_len", "the same in the list"),
    ];

    /// <summary>Why an exchange is not asked again; null when it is.</summary>
    public static string? NotAsked(Recording exchange) => exchange switch
    {
        { IsKept: false } => "its request, with a file or sound, was too large to be kept",
        { Status: 401 } => "keys are not checked where none is configured",
        { Method.Method: "GET", Path: "chat/completions" } => "stored completions have tests of their own",
        { Path: "embeddings" } when !Directory.Exists(Path(Shared.Root, "..", "shared", "models", "all-minilm-l6-v2")) => "needs ../shared/models/all-minilm-l6-v2",
        _ => null,
    };

    public static (int Status, string? Param, string? Code)? Refused(Recording exchange) =>
        Refusals.Where(refusal => exchange.Name.Contains(refusal.Name, StringComparison.Ordinal)).Select(refusal => ((int, string?, string?)?)(refusal.Status, refusal.Param, refusal.Code)).FirstOrDefault();

    public static bool Matters(string difference) => !Extras.Any(extra => difference.StartsWith(extra.Path + ":", StringComparison.Ordinal) || difference.StartsWith(extra.Path + "[", StringComparison.Ordinal) || difference.StartsWith(extra.Path + ".", StringComparison.Ordinal));

    public static string Path(string path) => path.Replace("gpt-4o-mini", "tiny-chat", StringComparison.Ordinal);

    /// <summary>The recorded request, with a model of ours and a bound on what it may say.</summary>
    public static JsonObject Ours(Recording exchange, JsonObject recorded)
    {
        var ours = recorded.DeepClone().AsObject();
        ours["model"] = exchange.Path == "embeddings" ? "minilm" : "tiny-chat";
        ours.Remove("store"); // kept only where the operator allows it
        if (exchange.Path == "embeddings" && (int?)ours["dimensions"] > 384) ours["dimensions"] = 128; // this model has 384
        if (exchange.Path == "chat/completions") ours[ours.ContainsKey("max_completion_tokens") ? "max_completion_tokens" : "max_tokens"] = 24;
        return ours;
    }

    private static string Path(params string[] parts) => System.IO.Path.Combine(parts);
}
