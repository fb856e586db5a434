namespace Gateway.Worker.Tests;

/// <summary>What is sent of each parameter to see what becomes of it.</summary>
internal static class ParameterProbes
{
    private const string Tool = """[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]""";
    private const string Custom = """[{"type":"custom","custom":{"name":"c"}}]""";
    private const string Regex = """[{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"[0-9]+"}}}}]""";
    private const string Lark = """[{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}}}}]""";
    private const string Tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"custom\",\"custom\":{\"name\":\"c\"}}]";

    /// <summary>Parameter, values that ask for something, and what has to stand beside them.</summary>
    public static (string Name, string[] Values, string Beside)[] Chat { get; } =
    [
        ("audio", ["""{"voice":"alloy","format":"wav"}"""], ""),
        ("frequency_penalty", ["1.5"], ""),
        ("function_call", ["\"none\"", "\"auto\"", """{"name":"f"}"""], ""),
        ("function_call", ["\"none\"", "\"auto\"", """{"name":"f"}""", """{"name":"g"}"""], "\"functions\":[{\"name\":\"f\"}]"),
        ("functions", ["""[{"name":"f"}]""", "[]"], ""),
        ("functions", ["""[{"name":"f"}]"""], Tools),
        ("logit_bias", ["""{"300":5}"""], ""),
        ("logprobs", ["true"], ""),
        ("max_completion_tokens", ["2"], ""),
        ("max_tokens", ["2"], ""),
        ("messages", ["""[{"role":"user","content":"something else"}]"""], ""),
        ("metadata", ["""{"a":"b"}"""], ""),
        ("modalities", ["[\"text\"]", "[\"text\",\"audio\"]"], ""),
        ("model", ["\"another\""], ""),
        ("moderation", ["""{"model":"omni-moderation-latest"}"""], ""),
        ("n", ["3"], ""),
        ("parallel_tool_calls", ["false"], ""),
        ("parallel_tool_calls", ["true", "false"], "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"required\""),
        ("prediction", ["""{"type":"content","content":"x"}"""], ""),
        ("presence_penalty", ["1.5"], ""),
        ("prompt_cache_key", ["\"a\""], ""),
        ("prompt_cache_options", ["{}"], ""),
        ("prompt_cache_retention", ["\"24h\""], ""),
        ("reasoning_effort", ["\"none\"", "\"low\"", "\"high\""], ""),
        ("response_format", ["""{"type":"text"}""", """{"type":"json_object"}""", """{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}"""], ""),
        ("safety_identifier", ["\"a\""], ""),
        ("seed", ["7"], ""),
        ("service_tier", ["\"flex\""], ""),
        ("stop", ["\"there\"", "[\"there\"]"], ""),
        ("store", ["true", "false"], ""),
        ("stream", ["true"], ""),
        ("stream_options", ["""{"include_usage":true}""", """{"include_obfuscation":true}"""], "\"stream\":true"),
        ("temperature", ["0.3"], ""),
        ("tool_choice", ["\"none\"", "\"auto\"", "\"required\""], ""),
        ("tool_choice",
            [
                "\"none\"", "\"auto\"", "\"required\"", """{"type":"function","function":{"name":"f"}}""", """{"type":"custom","custom":{"name":"c"}}""", """{"type":"function","function":{"name":"c"}}""",
                """{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}""",
                """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"custom","custom":{"name":"c"}}]}}""",
            ], Tools),
        ("tools", [Tool, "[]", Custom, Regex, Lark], ""),
        ("top_logprobs", ["2"], "\"logprobs\":true"),
        ("top_p", ["0.3"], ""),
        ("user", ["\"a\""], ""),
        ("verbosity", ["\"low\""], ""),
        ("web_search_options", ["{}"], ""),
    ];

    public static (string Name, string[] Values, string Beside)[] Completions { get; } =
    [
        ("best_of", ["3"], ""),
        ("echo", ["true"], ""),
        ("frequency_penalty", ["1.5"], ""),
        ("logit_bias", ["""{"300":5}"""], ""),
        ("logprobs", ["2"], ""),
        ("max_tokens", ["2", "0"], ""),
        ("model", ["\"another\""], ""),
        ("n", ["3"], ""),
        ("presence_penalty", ["1.5"], ""),
        ("prompt", ["\"b\"", "[\"b\",\"c\"]", "[300,301]", "[[300],[301]]"], ""),
        ("seed", ["7"], ""),
        ("stop", ["\"there\"", "[\"there\"]"], ""),
        ("stream", ["true"], ""),
        ("stream_options", ["""{"include_usage":true}""", """{"include_obfuscation":true}"""], "\"stream\":true"),
        ("suffix", ["\"b\""], ""),
        ("temperature", ["0.3"], ""),
        ("top_p", ["0.3"], ""),
        ("user", ["\"a\""], ""),
    ];

    /// <summary>What users of other servers send beyond the contract; the same on both endpoints.</summary>
    public static (string Name, string[] Values, string Beside)[] Extras { get; } =
    [
        ("guided_json", ["""{"type":"object"}"""], ""),
        ("guided_regex", ["\"[a-z]+\""], ""),
        ("guided_choice", ["""["a","b"]"""], ""),
        ("guided_grammar", ["\"root ::= \\\"a\\\"\""], ""),
        ("structured_outputs", ["""{"choice":["a","b"]}""", """{"json":{"type":"object"}}"""], ""),
        ("top_k", ["5"], ""),
        ("min_p", ["0.1"], ""),
        ("typical_p", ["0.5"], ""),
        ("epsilon_cutoff", ["0.001"], ""),
        ("eta_cutoff", ["0.001"], ""),
        ("repetition_penalty", ["1.3"], ""),
        ("no_repeat_ngram_size", ["3"], ""),
        ("min_tokens", ["2"], ""),
        ("ignore_eos", ["true"], ""),
        ("stop_token_ids", ["[301]"], ""),
        ("bad_words", ["[\"there\"]"], ""),
        ("skip_special_tokens", ["false"], ""),
        ("return_token_ids", ["true"], ""),
        ("use_beam_search", ["true"], "\"n\":2,\"temperature\":0"),
        ("length_penalty", ["2"], ""),
        ("early_stopping", ["true", "\"never\""], ""),
    ];

    public static (string Name, string[] Values, string Beside)[] ChatExtras { get; } =
    [
        .. Extras,
        ("best_of", ["3"], ""),
        ("add_generation_prompt", ["false"], ""),
        ("continue_final_message", ["true"], ""),
        ("chat_template_kwargs", ["""{"a":1}""", """{"messages":[]}"""], ""),
        ("client_metadata", ["{}"], ""),
    ];
}
