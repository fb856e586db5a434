using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

/// <summary>Bound answers over HTTP, with a network that counts upwards: it never writes JSON by itself, so what is valid is the grammar's doing.</summary>
public sealed class StructuredOutputTests : IAsyncLifetime
{
    private const string Colors = """{"type":"object","properties":{"color":{"enum":["red","blue"]},"many":{"type":"integer","minimum":1,"maximum":9}},"required":["color","many"],"additionalProperties":false}""";
    private Surface surface = null!;

    public async ValueTask InitializeAsync() => surface = await Surface.WithEngineAsync();

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Theory]
    [InlineData("", "false")]
    [InlineData(",\"strict\":true", "false")]
    [InlineData("", "true")]
    public async Task A_schema_binds_the_answer_at_any_temperature(string strict, string streaming)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var body = Surface.Chat($",\"seed\":{seed},\"temperature\":1,\"max_tokens\":200,\"stream\":{streaming},\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"c\",\"schema\":{Colors}{strict}}}}}");
            var (text, finish) = await AnswerAsync(body, streaming == "true");
            finish.ShouldBe("stop");
            var answer = JsonNode.Parse(text)!.AsObject();
            answer.Select(entry => entry.Key).ShouldBe(["color", "many"]);
            answer["color"]!.ToString().ShouldBeOneOf("red", "blue");
            ((int)answer["many"]!).ShouldBeInRange(1, 9);
        }
    }

    [Fact]
    public async Task Json_object_gives_an_object_or_is_cut_with_length()
    {
        var (text, finish) = await AnswerAsync(Surface.Chat(",\"temperature\":1,\"seed\":3,\"max_tokens\":4,\"response_format\":{\"type\":\"json_object\"}"), false);
        text.ShouldStartWith("{");
        if (finish == "stop") JsonNode.Parse(text).ShouldBeOfType<JsonObject>();
        else finish.ShouldBe("length");
    }

    [Theory]
    [InlineData("\"guided_choice\":[\"yes\",\"no\"]", "^(yes|no)$")]
    [InlineData("\"guided_regex\":\"[a-c]{2}-[0-9]{3}\"", "^[a-c]{2}-[0-9]{3}$")]
    [InlineData("\"structured_outputs\":{\"choice\":[\"yes\",\"no\"]}", "^(yes|no)$")]
    [InlineData("\"structured_outputs\":{\"regex\":\"x{3}\"}", "^xxx$")]
    [InlineData("\"guided_json\":{\"type\":\"integer\",\"minimum\":10,\"maximum\":99}", "^[0-9]{2}$")]
    [InlineData("\"guided_grammar\":\"root ::= \\\"yes\\\" | no [0-9]{2}\\nno ::= \\\"no\\\"\"", "^(yes|no[0-9]{2})$")]
    [InlineData("\"guided_grammar\":\"start: \\\"yes\\\"i NUMBER\\nNUMBER: /[0-9]/~2\"", "^[Yy][Ee][Ss][0-9]{2}$")]
    [InlineData("\"structured_outputs\":{\"grammar\":\"root ::= [ab]{3}\",\"disable_fallback\":true,\"disable_any_whitespace\":false,\"whitespace_pattern\":null}", "^[ab]{3}$")]
    [InlineData("\"guided_json\":\"{\\\"type\\\":\\\"boolean\\\"}\"", "^(true|false)$")]
    public async Task The_fields_of_vllm_bind_chats_and_completions(string field, string expected)
    {
        var (text, finish) = await AnswerAsync(Surface.Chat($",\"temperature\":1,\"max_tokens\":50,{field}"), false);
        text.ShouldMatch(expected);
        finish.ShouldBe("stop");

        var answer = await surface.AnswerAsync("/v1/completions", $"{{\"model\":\"tiny-chat\",\"prompt\":\"a\",\"temperature\":1,\"max_tokens\":50,{field}}}");
        answer["choices"]![0]!["text"]!.ToString().ShouldMatch(expected);
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"},\"guided_regex\":\"a\"", "guided_regex", "together")]
    [InlineData("\"guided_choice\":[\"a\"],\"guided_regex\":\"a\"", "guided_choice", "together")]
    [InlineData("\"guided_choice\":[]", "guided_choice", "no choice")]
    [InlineData("\"guided_regex\":\"(\"", "guided_regex", "group")]
    [InlineData("\"guided_grammar\":\"root ::= a\"", "guided_grammar", "Line 1, column 10: there is no rule 'a'")]
    [InlineData("\"guided_grammar\":\"start: (\\\"a\\\"\"", "guided_grammar", "')' was expected")]
    [InlineData("\"guided_grammar\":\"root ::= root\"", "guided_grammar", "Nothing satisfies it")]
    [InlineData("\"guided_grammar\":7", "guided_grammar", "string")]
    [InlineData("\"guided_grammar\":\"root ::= [a]\",\"guided_json\":{}", "guided_grammar", "together")]
    [InlineData("\"structured_outputs\":{\"grammar\":\"no grammar\"}", "structured_outputs.grammar", "Line 1, column 4: ':' was expected")]
    [InlineData("\"structured_outputs\":{\"regex\":\"a\",\"grammar\":\"root ::= [a]\"}", "structured_outputs.grammar", "together")]
    [InlineData("\"structured_outputs\":{\"json\":{},\"disable_any_whitespace\":true}", "structured_outputs.disable_any_whitespace", "disable_any_whitespace")]
    [InlineData("\"structured_outputs\":{\"json\":{},\"whitespace_pattern\":\" \"}", "structured_outputs.whitespace_pattern", "whitespace_pattern")]
    [InlineData("\"structured_outputs\":{\"json\":{},\"backend\":\"xgrammar\"}", "structured_outputs.backend", "backend")]
    [InlineData("\"structured_outputs\":{\"json\":{},\"disable_fallback\":1}", "structured_outputs.disable_fallback", "boolean")]
    [InlineData("\"structured_outputs\":{\"structural_tag\":\"a\"}", "structured_outputs.structural_tag", "structural_tag")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "Missing")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}}", "response_format.json_schema.name", "letters")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"p\",\"strict\":true,\"schema\":{\"type\":\"object\",\"properties\":{}}}}", "response_format", "In context=(), 'additionalProperties' is required to be supplied and to be false.")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"p\",\"schema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"uniqueItems\":true}}}}}", "response_format", "In context=('properties', 'a'), 'uniqueItems'")]
    [InlineData("\"response_format\":{\"type\":\"yaml\"}", "response_format.type", "yaml")]
    public async Task What_cannot_bind_is_refused_and_named(string field, string param, string word)
    {
        var refusal = await surface.RefusedAsync("/v1/chat/completions", Surface.Chat($",{field}"));
        var error = refusal["error"] ?? refusal;
        error["param"]!.ToString().ShouldBe(param);
        error["message"]!.ToString().ShouldContain(word);
    }

    [Theory]
    [InlineData("root ::= pair{1,3} \";\"\npair ::= key \"=\" (\"yes\" | \"no\" | num) \" \"\nkey ::= [a-z]{1,4}\nnum ::= [1-9] [0-9]{0,2}", "^([a-z]{1,4}=(yes|no|[1-9][0-9]{0,2}) ){1,3};$")]
    [InlineData("?start: sum \"=\"\nsum: sum \"+\" INT | INT\n%import common.INT\n%ignore \" \"", "^ *[0-9]+( *\\+ *[0-9]+)* *=$")]
    public async Task Only_words_of_a_grammar_are_sampled(string grammar, string expected)
    {
        var texts = new HashSet<string>();
        for (var seed = 0; seed < 25; seed++)
        {
            var body = Surface.Chat($",\"temperature\":1,\"seed\":{seed},\"max_tokens\":100,\"guided_grammar\":{JsonValue.Create(grammar).ToJsonString()}");
            var (text, finish) = await AnswerAsync(body, false);
            if (finish == "stop") text.ShouldMatch(expected);
            else finish.ShouldBe("length");
            if (finish == "stop") texts.Add(text);
        }

        texts.Count.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task Bound_and_free_answers_share_a_batch()
    {
        var alone = await AnswerAsync(Surface.Chat(",\"temperature\":0,\"max_tokens\":20"), false);
        var many = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => AnswerAsync(
            Surface.Chat(i % 2 == 0 ? ",\"temperature\":0,\"max_tokens\":20" : ",\"temperature\":1,\"max_tokens\":50,\"guided_choice\":[\"yes\",\"no\"]"), false)));
        for (var i = 0; i < many.Length; i++)
        {
            if (i % 2 == 0) many[i].ShouldBe(alone);
            else many[i].Text.ShouldBeOneOf("yes", "no");
        }
    }

    private async Task<(string Text, string Finish)> AnswerAsync(string body, bool streaming)
    {
        if (!streaming)
        {
            var choice = (await surface.AnswerAsync("/v1/chat/completions", body))["choices"]![0]!;
            return (choice["message"]!["content"]!.ToString(), choice["finish_reason"]!.ToString());
        }

        var choices = (await surface.EventsAsync("/v1/chat/completions", body))[..^1].Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
        return (string.Concat(choices.Select(choice => (string?)choice["delta"]!["content"])), choices.Select(choice => (string?)choice["finish_reason"]).Last(finish => finish is not null)!);
    }
}
