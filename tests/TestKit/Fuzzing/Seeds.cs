namespace Gateway.TestKit.Fuzzing;

/// <summary>Valid requests and field names to begin from.</summary>
internal static class Seeds
{
    private const string Chat = "v1/chat/completions";
    private const string Completions = "v1/completions";
    private const string Weather = """{"type":"function","function":{"name":"weather","description":"d","strict":true,"parameters":{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["c","f"]}},"required":["city","unit"],"additionalProperties":false}}}""";

    private static readonly string[] Shared =
    [
        "model", "stream", "stream_options", "logprobs", "n", "stop", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "max_tokens", "stop_token_ids", "user",
        "best_of", "typical_p", "epsilon_cutoff", "eta_cutoff", "no_repeat_ngram_size", "min_tokens", "ignore_eos", "bad_words", "skip_special_tokens", "return_token_ids", "use_beam_search", "length_penalty", "early_stopping",
        "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs", "unknown",
    ];

    private static readonly string ManyTools = $"[{string.Join(',', Enumerable.Range(0, 2048).Select(static i => $"{{\"type\":\"function\",\"function\":{{\"name\":\"f{i}\"}}}}"))}]";

    /// <summary>Values that are valid by themselves.</summary>
    public static IReadOnlyList<(string Name, string[] Values)> Plausible(string path) => path == Chat ? [.. Alone, .. AloneInChat] : [.. Alone, .. AloneInCompletions];

    private static readonly (string Name, string[] Values)[] Alone =
    [
        ("stream", ["true", "false"]), ("stream", ["true"]), ("stream_options", ["{\"include_usage\":true}", "{\"include_obfuscation\":true}"]), ("n", ["1", "2", "5"]), ("best_of", ["1", "3"]), ("seed", ["1", "-9223372036854775808"]),
        ("temperature", ["0", "0.01", "2"]), ("top_p", ["0", "0.001", "1"]), ("top_k", ["-1", "0", "1", "2147483647"]), ("min_p", ["0", "1"]), ("typical_p", ["0.001", "1"]), ("epsilon_cutoff", ["0", "1"]), ("eta_cutoff", ["1"]),
        ("presence_penalty", ["-2", "2"]), ("frequency_penalty", ["-2", "2"]), ("repetition_penalty", ["0.01", "100"]), ("no_repeat_ngram_size", ["1", "2147483647"]), ("min_tokens", ["0", "2", "200"]), ("max_tokens", ["1", "7", "100000"]),
        ("logit_bias", ["{\"2\":100}", "{\"0\":-100,\"2\":-100}", "{}"]), ("bad_words", ["[\"a\",\"the\"]", "[]"]), ("stop", ["\"a\"", "[]", "[\" \",\"\\ud83d\\ude42\"]"]), ("stop_token_ids", ["[]", "[2,5,300]"]), ("ignore_eos", ["true", "false"]),
        ("skip_special_tokens", ["true", "false"]), ("return_token_ids", ["true"]), ("use_beam_search", ["true"]), ("length_penalty", ["2", "-10"]), ("early_stopping", ["true", "\"never\""]), ("guided_regex", ["\"[a-z]+\"", "\"\"", "\"(\\ud83d\\ude42|é)*\""]),
        ("guided_choice", ["[\"a\",\"ab\"]", "[\"\"]", "[]"]), ("guided_json", ["{\"type\":\"integer\"}", "true"]), ("guided_grammar", ["\"root ::= \\\"a\\\"+\"", "\"start: \\\"a\\\"\""]), ("structured_outputs", ["{\"choice\":[\"a\"]}", "{\"json_object\":true}", "{}"]),
    ];

    private static readonly (string Name, string[] Values)[] AloneInChat =
    [
        ("logprobs", ["true", "true", "false"]), ("top_logprobs", ["0", "20"]), ("tools", [$"[{Weather}]", $"[{Weather},{{\"type\":\"function\",\"function\":{{\"name\":\"f\"}}}}]", "[]"]), ("tool_choice", ["\"auto\"", "\"none\"", "\"required\""]),
        ("tool_choice", ["{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}", "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[]}}"]), ("parallel_tool_calls", ["true", "false"]),
        ("response_format", ["{\"type\":\"json_object\"}", "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"array\"}}}", "{\"type\":\"text\"}"]), ("reasoning_effort", ["\"none\"", "\"high\""]), ("continue_final_message", ["true"]),
        ("add_generation_prompt", ["false"]), ("messages", ["[{\"role\":\"assistant\",\"content\":\"\"}]", "[{\"role\":\"user\",\"content\":\"\"}]", "[{\"role\":\"system\",\"content\":\"<|im_end|>\"}]", "[{\"role\":\"user\",\"content\":[]}]"]),
        ("max_completion_tokens", ["1", "9223372036854775807"]), ("store", ["false"]), ("metadata", ["{\"a\":\"b\"}"]), ("service_tier", ["\"flex\""]), ("chat_template_kwargs", ["{\"a\":null}", "{\"enable_thinking\":[]}", "{\"bos_token\":7}"]),
    ];

    private static readonly (string Name, string[] Values)[] AloneInCompletions =
    [
        ("logprobs", ["0", "5"]), ("echo", ["true"]), ("echo", ["true"]), ("max_tokens", ["0"]), ("suffix", ["\"b\"", "\"\""]), ("prompt", ["\"\"", "[\"\",\"b\"]", "[0]", "[[2,2],[3071]]", "\"<|im_end|>\""]),
    ];

    public static IReadOnlyList<(string Path, string[] Fields)> Fields { get; } =
    [
        (Chat,
        [
            .. Shared, "messages", "top_logprobs", "max_completion_tokens", "service_tier", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "prediction", "parallel_tool_calls", "store",
            "reasoning_effort", "verbosity", "audio", "web_search_options", "moderation", "tools", "tool_choice", "functions", "function_call", "modalities", "response_format", "chat_template_kwargs", "add_generation_prompt", "continue_final_message",
        ]),
        (Completions, [.. Shared, "prompt", "echo", "suffix"]),
        ("v1/tokenize", ["prompt", "content", "messages", "add_special_tokens", "add_special", "parse_special", "return_token_strs", "with_pieces"]),
        ("v1/detokenize", ["tokens", "skip_special_tokens"]),
        ("v1/chat/render", ["messages", "chat_template_kwargs", "add_generation_prompt", "continue_final_message", "tools"]),
    ];

    public static IReadOnlyList<(string Path, string Body)> Valid { get; } = Filled(
    [
        (Chat, """{"model":"MODEL","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi","name":"a"}],"max_tokens":2,"temperature":0.5,"top_p":0.9,"seed":1,"stop":["a","b"],"n":2}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"text","text":"you"}]}],"max_completion_tokens":3,"logprobs":true,"top_logprobs":3,"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":true}}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":3,"tools":[WEATHER,{"type":"function","function":{"name":"time"}}],"tool_choice":"auto","parallel_tool_calls":false,"stream":true}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":3,"tools":[WEATHER],"tool_choice":{"type":"function","function":{"name":"weather"}},"logprobs":true,"n":2,"stop":"}"}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":3,"tools":[WEATHER],"tool_choice":"required","response_format":{"type":"json_object"},"stream":true,"logprobs":true,"n":2,"stop":["x"]}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"w"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"sun"}]},{"role":"assistant","content":"sunny","refusal":null},{"role":"user","content":"and?"}],"max_tokens":2}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":4,"response_format":{"type":"json_schema","json_schema":{"name":"a","description":"d","strict":true,"schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer","minimum":1,"maximum":9},"minItems":1,"maxItems":3},"b":{"anyOf":[{"type":"string","pattern":"^x+$"},{"type":"null"}]},"c":{"$ref":"#/$defs/c"}},"required":["a","b","c"],"additionalProperties":false,"$defs":{"c":{"type":"string","format":"date-time","maxLength":40}}}}},"logit_bias":{"300":5,"301":-100}}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":[{"type":"text","text":"what is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]}],"max_tokens":2}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"file","file":{"file_id":"file-1"}}]}],"max_tokens":2,"modalities":["text"]}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"Well"}],"continue_final_message":true,"add_generation_prompt":false,"chat_template_kwargs":{"enable_thinking":false,"a":[1,{"b":2}]},"max_tokens":2,"reasoning_effort":"low","verbosity":"low","metadata":{"a":"b"},"user":"u","service_tier":"auto","prediction":{"type":"content","content":"x"}}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"functions":[{"name":"f","parameters":{"type":"object","properties":{}}}],"function_call":"auto","max_tokens":2}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"developer","content":"hi"},{"role":"function","name":"f","content":"x"}],"max_tokens":4,"top_k":5,"min_p":0.1,"typical_p":0.9,"repetition_penalty":1.1,"no_repeat_ngram_size":2,"min_tokens":1,"bad_words":["x"],"stop_token_ids":[5],"ignore_eos":true,"presence_penalty":1,"frequency_penalty":-1,"return_token_ids":true}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":4,"structured_outputs":{"choice":["yes","no"]},"n":2,"logprobs":true,"stream":true}"""),
        (Chat, """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"max_tokens":2,"tools":TOOLS}"""),
        (Completions, """{"model":"MODEL","prompt":["a","b"],"max_tokens":3,"logprobs":3,"echo":true,"n":2,"best_of":3,"temperature":1,"stop":["zz"]}"""),
        (Completions, """{"model":"MODEL","prompt":[[300,301],[302]],"max_tokens":0,"logprobs":2,"echo":true,"return_token_ids":true}"""),
        (Completions, """{"model":"MODEL","prompt":"a","suffix":"b","max_tokens":3,"stream":true,"stream_options":{"include_usage":true},"seed":7,"user":"u"}"""),
        (Completions, """{"model":"MODEL","prompt":"a","max_tokens":3,"use_beam_search":true,"best_of":3,"n":2,"length_penalty":1.5,"early_stopping":"never","temperature":0}"""),
        (Completions, """{"model":"MODEL","prompt":"a","max_tokens":3,"guided_regex":"[a-z]{1,3}","stream":true,"logprobs":1}"""),
        (Completions, """{"model":"MODEL","prompt":"a","max_tokens":3,"guided_grammar":"root ::= \"a\" | \"b\" root"}"""),
        (Completions, """{"model":"MODEL","prompt":"a","max_tokens":3,"guided_json":{"type":"object","properties":{"a":{"type":"number"}}},"logit_bias":{"5":1}}"""),
        ("v1/tokenize", """{"model":"MODEL","prompt":"hello","return_token_strs":true,"with_pieces":true,"add_special_tokens":false}"""),
        ("v1/tokenize", """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"add_generation_prompt":true}"""),
        ("v1/detokenize", """{"model":"MODEL","tokens":[300,301,302],"skip_special_tokens":true}"""),
        ("v1/chat/render", """{"model":"MODEL","messages":[{"role":"user","content":"hi"}],"chat_template_kwargs":{"a":1}}"""),
    ]);

    private static IReadOnlyList<(string Path, string Body)> Filled(IReadOnlyList<(string Path, string Body)> seeds) =>
        [.. seeds.Select(static seed => (seed.Path, seed.Body.Replace("WEATHER", Weather, StringComparison.Ordinal).Replace("TOOLS", ManyTools, StringComparison.Ordinal)))];

    public static string Minimal(string path, string model) => path switch
    {
        Completions => $$"""{"model":"{{model}}","prompt":"a","max_tokens":2}""",
        Chat => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}],"max_tokens":2}""",
        "v1/chat/render" => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]}""",
        _ => $$"""{"model":"{{model}}"}""",
    };

    /// <summary>The places of a chat request in which a schema may stand.</summary>
    public static IEnumerable<(string Name, string Fields)> WithSchema(string schema) =>
        Templates.Select(template => (template.Name, template.Fields.Replace("SCHEMA", schema, StringComparison.Ordinal)));

    private static readonly (string Name, string Fields)[] Templates =
    [
        ("response_format", ""","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":SCHEMA}}"""),
        ("strict response_format", ""","response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":SCHEMA}},"stream":true"""),
        ("guided_json", ",\"guided_json\":SCHEMA"),
        ("function", ""","tools":[{"type":"function","function":{"name":"f","parameters":SCHEMA}}],"tool_choice":"required" """),
        ("strict function", ""","tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":SCHEMA}}]"""),
    ];
}
