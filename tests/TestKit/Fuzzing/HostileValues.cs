namespace Gateway.TestKit.Fuzzing;

/// <summary>JSON values, as text, that a reader may stumble over.</summary>
public static class HostileValues
{
    /// <summary>Of every kind, for any field.</summary>
    public static IReadOnlyList<string> Plain { get; } =
    [
        "null", "true", "false", "0", "-0", "-0.0", "1", "-1", "2", "0.5", "1.0", "1e0", "1e400", "-1e400", "1e-400", "1e999999999999", "127", "128", "2147483647", "2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551616", new string('9', 300), "0." + new string('0', 400) + "1",
        "\"\"", "\" \"", "\"text\"", "\"auto\"", "\"none\"", "\"\\u0000\"", "\"\\ud83d\\ude42\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\uffff\"", "\"🙂 ünï\u202Ecode\"", "\"1\"", "\"true\"", "\"<|im_end|>\"", "\"<tool_call>\"",
        $"\"{new string('x', 70)}\"", $"\"{new string('ü', 5000)}\"",
        "[]", "[null]", "[[]]", "[{}]", "[\"\"]", "[\"a\",\"a\",\"a\",\"a\"]", "[1,2,3]", "[-1]", "[1e9]", "[3071,3072]", "[[1],[\"a\"]]", "[\"a\",1,null,{}]", $"[{string.Join(',', Enumerable.Repeat("0", 20_000))}]",
        $"[{string.Join(',', Enumerable.Repeat("{}", 5_000))}]", $"[{string.Join(',', Enumerable.Repeat("\"a\"", 5_000))}]",
        "{}", "{\"\":0}", "{\"a\":{\"a\":1},\"a\":[]}", "{\"type\":null}", "{\"type\":{}}", "{\"type\":\"text\",\"type\":\"json_object\"}", "{\"__proto__\":{},\"constructor\":1}", $"{{\"{new string('k', 5000)}\":1}}",
        Nested("[", "]", 40), Nested("[", "]", 70), Nested("{\"a\":", "}", 70, "1"), Nested("[", "]", 100_000), new string('[', 100_000),
    ];

    /// <summary>Schemas that cannot be kept, cannot be ended, or cost much.</summary>
    public static IReadOnlyList<string> Schemas { get; } =
    [
        "true", "false", "{}", "{\"$ref\":\"#\"}", "{\"$ref\":\"#/$defs/a\"}", "{\"$ref\":\"https://example.org/schema.json\"}", "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/a\"}}}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}", "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"minItems\":1}", "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}",
        "{\"enum\":[]}", "{\"enum\":[null,1,\"a\",[],{}]}", "{\"const\":{\"a\":[1,2,{\"b\":null}]}}", $"{{\"enum\":[{string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"value {i}\""))}]}}",
        "{\"type\":\"array\",\"minItems\":5,\"maxItems\":1}", "{\"type\":\"array\",\"minItems\":1000000000}", "{\"type\":\"array\",\"maxItems\":-1}", "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"maxItems\":100000}",
        "{\"type\":\"string\",\"minLength\":1000000000}", "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "{\"type\":\"string\",\"maxLength\":1e400}", "{\"type\":\"string\",\"maxLength\":\"3\"}",
        "{\"type\":\"string\",\"pattern\":\"(a+)+$\"}", "{\"type\":\"string\",\"pattern\":\"(\"}", "{\"type\":\"string\",\"pattern\":\"((((a{999}){999}){999}){999})\"}", "{\"type\":\"string\",\"pattern\":\"(?=a)b\\\\1\"}",
        "{\"type\":\"string\",\"pattern\":\"^(([a-z]|[a-m]|[n-z])*(x|y|z)){50}$\"}", "{\"type\":\"string\",\"pattern\":\"[\\\\u{110000}]\"}", "{\"type\":\"string\",\"pattern\":\"\\\\p{Nothing}\"}", "{\"type\":\"string\",\"pattern\":7}",
        "{\"type\":\"string\",\"format\":\"date-time\",\"pattern\":\"^a$\"}", "{\"type\":\"string\",\"format\":\"nothing\"}", "{\"type\":\"string\",\"format\":3}",
        "{\"type\":\"integer\",\"minimum\":5,\"maximum\":1}", "{\"type\":\"integer\",\"multipleOf\":0}", "{\"type\":\"integer\",\"multipleOf\":-3}", "{\"type\":\"integer\",\"multipleOf\":99999999999999999999}",
        "{\"type\":\"integer\",\"minimum\":1e400}", "{\"type\":\"integer\",\"minimum\":-1e300,\"maximum\":1e300}", "{\"type\":\"integer\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1}", "{\"type\":\"number\",\"minimum\":0.1}",
        "{\"type\":\"nothing\"}", "{\"type\":[]}", "{\"type\":[\"string\",\"null\",7]}", "{\"type\":\"object\",\"properties\":[]}", "{\"type\":\"object\",\"required\":\"a\"}", "{\"type\":\"object\",\"required\":[\"a\",\"a\"]}",
        "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}}}", "{\"type\":\"object\",\"properties\":{\"a\":{}},\"properties\":{\"b\":{}}}", "{\"type\":\"object\",\"patternProperties\":{\"(\":{}}}",
        "{\"anyOf\":[]}", "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}", "{\"not\":{}}", "{\"if\":{},\"then\":false}", "{\"contains\":{\"type\":\"string\"}}", "{\"type\":\"array\",\"uniqueItems\":true}",
        "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":false}", Nested("{\"anyOf\":[{},", "]}", 25, "{}"), Nested("{\"type\":\"array\",\"items\":", "}", 60, "{}"), Nested("{\"type\":\"object\",\"properties\":{\"a\":", "}}", 30, "{}"),
        $"{{\"type\":\"object\",\"properties\":{{{string.Join(',', Enumerable.Range(0, 1500).Select(i => $"\"p{i}\":{{\"type\":\"string\"}}"))}}}}}",
        $"{{\"allOf\":[{string.Join(',', Enumerable.Repeat("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"},{\"type\":\"object\"}]}", 20))}]}}",
    ];

    private static string Nested(string open, string close, int depth, string inner = "") => string.Concat(Enumerable.Repeat(open, depth)) + inner + string.Concat(Enumerable.Repeat(close, depth));
}
