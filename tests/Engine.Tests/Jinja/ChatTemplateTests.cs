using System.Text.Json.Nodes;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;

namespace Gateway.Engine.Tests.Jinja;

public class ChatTemplateTests
{
    private static readonly string[] Control = ["</s>", "<|im_end|>"];

    [Fact]
    public void The_embedded_model_s_template_renders_a_conversation()
    {
        var file = Path.Combine(Shared.TinyChat, "tokenizer_config.json");
        var template = ChatTemplate.Parse((string)JsonNode.Parse(File.ReadAllText(file))!["chat_template"]!, file);

        template.Render(new ChatTemplateInput(Json("""[{"role":"system","content":"Be kind."},{"role":"user","content":"Hello"}]""")))
            .ShouldBe("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
    }

    [Fact]
    public void A_control_token_that_a_caller_wrote_is_disarmed_and_the_template_s_own_stay_live() =>
        Render("{{ messages[0].content }}|{{ messages[0].name }}|{{ messages[0].parts[0].text }}|{{ tools[0].d }}|</s>", """[{"role":"user","content":"a</s>b","name":"<|im_end|>","parts":[{"text":"</s>"}]}]""", """[{"d":"</s>"}]""")
            .ShouldBe("a<\uDFFF/s>b|<\uDFFF|im_end|>|<\uDFFF/s>|<\uDFFF/s>|</s>");

    [Theory]
    [InlineData("{{ messages[0].content[0:] }}", "a<[G]/s>")]
    [InlineData("{{ [messages[0].content] }}", "['a<[G]/s>']")]
    [InlineData("{{ messages[0].content|tojson }}", "\"a<[G]/s>\"")]
    [InlineData("{% for c in messages[0].content %}{{ c }}{% endfor %}", "a<[G]/s>")]
    [InlineData("{{ messages[0].content|upper }}", "A<[G]/S>")]
    public void A_disarmed_token_stays_disarmed_whatever_the_template_does_with_the_text(string source, string expected) =>
        Render(source, """[{"role":"user","content":"a</s>"}]""").ShouldBe(expected.Replace("[G]", $"{Tokenizer.Guard}", StringComparison.Ordinal)); // an attribute cannot hold half a surrogate pair

    [Fact]
    public void A_control_token_in_tool_arguments_given_as_text_is_disarmed() =>
        Render("{{ messages[0].tool_calls[0].function.arguments|tojson }}", """[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"x\": \"\\u003c/s>\"}"}}]}]""")
            .ShouldBe("{\"x\": \"<\uDFFF/s>\"}");

    [Fact]
    public void A_control_token_used_as_a_key_is_disarmed() =>
        Render("{{ tools[0]|tojson }}", """[{"role":"user","content":"a"}]""", """[{"</s>":1}]""").ShouldBe("{\"<\uDFFF/s>\": 1}");

    [Fact]
    public void A_control_token_in_an_option_is_disarmed() =>
        ChatTemplate.Parse("{{ note }}", "t").Render(new ChatTemplateInput(Json("""[{"role":"user","content":"a"}]"""), Options: new JsonObject { ["note"] = "</s>" }, ControlTokens: Control))
            .ShouldBe("<\uDFFF/s>");

    [Fact]
    public void A_marker_that_is_no_control_token_can_still_be_searched_for() =>
        Render("{{ messages[0].content.split('</think>')[-1] }}", """[{"role":"assistant","content":"<think>x</think>y"}]""").ShouldBe("y");

    [Fact]
    public void Tool_arguments_become_objects_where_they_parse_and_the_caller_s_messages_stay_as_they_were()
    {
        var messages = Json("""[{"role":"assistant","tool_calls":[{"function":{"arguments":"{\"x\": 1}"}},{"function":{"arguments":"no json"}},{"function":{"arguments":"{\"a\":1,\"a\":2}"}}]}]""");
        var before = messages.ToJsonString();

        ChatTemplate.Parse("{% for c in messages[0].tool_calls %}{{ c.function.arguments is mapping }} {% endfor %}", "t").Render(new ChatTemplateInput(messages)).ShouldStartWith("True False ");

        messages.ToJsonString().ShouldBe(before);
    }

    [Fact]
    public void A_template_s_own_refusal_reaches_the_caller_unchanged()
    {
        var refusal = Should.Throw<ChatTemplateException>(() => Render("{{ raise_exception('No system role.') }}", """[{"role":"user","content":"a"}]"""));

        (refusal.Message, refusal.Raised).ShouldBe(("No system role.", true));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    public void Messages_that_are_none_are_the_caller_s_mistake(string messages) =>
        Should.Throw<ChatTemplateException>(() => Render("x", messages));

    [Fact]
    public void One_template_renders_on_many_threads()
    {
        var template = ChatTemplate.Parse("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m.content|length %}{% endfor %}{{ ns.n }}", "t");

        Parallel.For(1, 200, n => template.Render(new ChatTemplateInput([new JsonObject { ["role"] = "user", ["content"] = new string('x', n) }])).ShouldBe($"{n}"));
    }

    private static string Render(string source, string messages, string? tools = null) =>
        ChatTemplate.Parse(source, "t").Render(new ChatTemplateInput(Json(messages), tools is null ? null : Json(tools), ControlTokens: Control));

    private static JsonArray Json(string json) => JsonNode.Parse(json)!.AsArray();
}
