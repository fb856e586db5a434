using System.Text.Json.Nodes;

namespace Gateway.Tests.StoredCompletions;

/// <summary>Answers of an upstream, plain and as the stream that says the same.</summary>
internal static class Answers
{
    private const string Head = "\"created\":1758039093,\"model\":\"tiny-2026\",\"system_fingerprint\":\"fp_1\",\"service_tier\":\"default\"";
    private const string Usage = "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":9,\"total_tokens\":20}";
    private const string Logprob = """{"token":"Hel","logprob":-0.10000000000000000001,"bytes":[72,101,108],"top_logprobs":[{"token":"Hel","logprob":-0.1,"bytes":[72,101,108]}]}""";

    public static string Plain(string id, string choices = """{"index":0,"message":{"role":"assistant","content":"Hello","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}""", long created = 1758039093) =>
        $$"""{"id":"{{id}}","object":"chat.completion",{{Head.Replace("1758039093", $"{created}", StringComparison.Ordinal)}},"choices":[{{choices}}],{{Usage}}}""";

    public static string Chunk(string id, string choices, string usage = "null") => $$"""data: {"id":"{{id}}","object":"chat.completion.chunk",{{Head}},"choices":[{{choices}}],"usage":{{usage}}}""" + "\n\n";

    /// <summary>A whole good stream of these choices' parts.</summary>
    public static string Stream(string id, params string[] parts) =>
        string.Concat(parts.Select(part => Chunk(id, part))) + Chunk(id, "", JsonNode.Parse($"{{{Usage}}}")!["usage"]!.ToJsonString()) + "data: [DONE]\n\n";

    private static string Part(int index, string delta, string finish = "null", string logprobs = "null") => $$"""{"index":{{index}},"delta":{{delta}},"logprobs":{{logprobs}},"finish_reason":{{finish}}}""";

    private static string Opening(int index) => Part(index, """{"role":"assistant","content":"","refusal":null}""");

    /// <summary>What a plain answer's choices are, and the parts of the stream that says the same.</summary>
    public static (string Choices, string[] Parts) Case(string name) => name switch
    {
        "text" => (
            """{"index":0,"message":{"role":"assistant","content":"Hé\"llo 🙂","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}""",
            [Opening(0), Part(0, """{"content":"Hé\"l"}"""), Part(0, """{"content":"lo 🙂"}"""), Part(0, "{}", "\"stop\"")]),
        "two choices" => (
            """{"index":0,"message":{"role":"assistant","content":"ab","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"length"},{"index":1,"message":{"role":"assistant","content":"xy","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}""",
            [Opening(1), Opening(0), Part(0, """{"content":"a"}"""), Part(1, """{"content":"x"}"""), Part(1, """{"content":"y"}"""), Part(1, "{}", "\"stop\""), Part(0, """{"content":"b"}"""), Part(0, "{}", "\"length\"")]),
        "tool calls" => (
            """{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}""",
            [
                Part(0, """{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}],"refusal":null}"""),
                Part(0, """{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"""), Part(0, """{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"""),
                Part(0, """{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]}"""), Part(0, "{}", "\"tool_calls\""),
            ]),
        "log-probabilities" => (
            $$"""{"index":0,"message":{"role":"assistant","content":"HelHel","refusal":null,"annotations":[]},"logprobs":{"content":[{{Logprob}},{{Logprob}}],"refusal":null},"finish_reason":"stop"}""",
            [
                Part(0, """{"role":"assistant","content":"","refusal":null}""", logprobs: """{"content":[],"refusal":null}"""), Part(0, """{"content":"Hel"}""", logprobs: $$"""{"content":[{{Logprob}}],"refusal":null}"""),
                Part(0, """{"content":"Hel"}""", logprobs: $$"""{"content":[{{Logprob}}],"refusal":null}"""), Part(0, "{}", "\"stop\""),
            ]),
        "thoughts" => (
            """{"index":0,"message":{"role":"assistant","reasoning_content":"hmm, yes","content":"Ok","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}""",
            [Opening(0), Part(0, """{"reasoning_content":"hmm, "}"""), Part(0, """{"reasoning_content":"yes"}"""), Part(0, """{"content":"Ok"}"""), Part(0, "{}", "\"stop\"")]),
        _ => throw new ArgumentException(name),
    };
}
