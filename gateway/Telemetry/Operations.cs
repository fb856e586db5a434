namespace Gateway.Telemetry;

/// <summary>What a route does, in the words of the GenAI semantic conventions where they have one.</summary>
internal static class Operations
{
    public static string Of(string path) => path switch
    {
        "/v1/chat/completions" => "chat",
        "/v1/completions" => "text_completion",
        "/v1/embeddings" => "embeddings",
        "/v1/rerank" or "/v2/rerank" or "/rerank" => "rerank",
        "/v1/classify" or "/classify" => "classify",
        "/v1/tokenize" or "/tokenize" => "tokenize",
        "/v1/detokenize" or "/detokenize" => "detokenize",
        "/v1/chat/render" or "/apply-template" => "render",
        _ => "other",
    };
}
