namespace Gateway.Tests.Usage;

/// <summary>What upstreams say.</summary>
internal static class UsageAnswers
{
    public const string Done = "data: [DONE]\n\n";

    public static string Plain(long prompt, long completion, long cached = 0, long reasoning = 0) =>
        $$$$"""{"id":"c","object":"chat.completion","created":1,"model":"there","choices":[],"usage":{"prompt_tokens":{{{{prompt}}}},"completion_tokens":{{{{completion}}}},"total_tokens":{{{{prompt + completion}}}},"prompt_tokens_details":{"cached_tokens":{{{{cached}}}}},"completion_tokens_details":{"reasoning_tokens":{{{{reasoning}}}}}}}""";

    public static string Chunk(bool last = false) => "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":" + (last ? "\"stop\"" : "null") + "}]}\n\n";

    public static string Counted(long prompt, long completion) => $$$"""data: {"id":"c","choices":[],"usage":{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{completion}}},"total_tokens":{{{prompt + completion}}}}}""" + "\n\n";
}
