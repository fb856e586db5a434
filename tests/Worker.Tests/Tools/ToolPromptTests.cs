using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests.Tools;

/// <summary>What the model is given of tools, calls and results.</summary>
public sealed class ToolPromptTests
{
    private const string Messages = """[{"role":"system","content":"Be brief."},{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"call_2","type":"custom","custom":{"name":"run","input":"x = 1"}}]},{"role":"tool","tool_call_id":"call_1","content":"one"},{"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"two"}]},{"role":"user","content":"and now?"}]""";
    private const string Tools = """[{"type":"function","function":{"name":"f","description":"adds"}},{"type":"custom","custom":{"name":"run","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"[a-z]+ = [0-9]+"}}}}]""";

    [Fact]
    public async Task A_template_without_tools_is_given_them_as_text()
    {
        var prompt = await PromptAsync("{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}", Messages, Tools);
        prompt.ShouldStartWith("[system]Be brief.\n\nYou can call these tools:\n{\"name\":\"f\",\"description\":\"adds\"}\n{\"name\":\"run\"");
        prompt.ShouldContain("must match this regular expression: [a-z]+ = [0-9]+");
        prompt.ShouldEndWith("[user]go[assistant]<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":1}}\n</tool_call>\n<tool_call>\n{\"name\": \"run\", \"arguments\": {\"input\":\"x = 1\"}}\n</tool_call>"
            + "[user]<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>\nand now?");
    }

    [Theory]
    [InlineData("{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}")]
    [InlineData("{% for m in messages if m.role != 'system' %}[{{ m.role }}]{{ m.content }}{% endfor %}")]
    public async Task Where_there_is_no_place_for_a_system_message_the_user_is_given_it(string template)
    {
        var prompt = await PromptAsync(template, """[{"role":"user","content":"go"}]""", Tools);
        prompt.ShouldStartWith("[user]You can call these tools:");
        prompt.ShouldEndWith("\n\ngo");
    }

    [Fact]
    public async Task Ids_are_made_short_where_a_template_wants_them_so()
    {
        var prompt = await PromptAsync("{# tools [TOOL_CALLS] length != 9 #}{% for m in messages %}{{ m.tool_call_id }} {% for c in m.tool_calls or [] %}{{ c.id }} {% endfor %}{% endfor %}", Messages, Tools);
        var ids = prompt.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ids.Length.ShouldBe(4);
        ids.ShouldAllBe(id => id.Length == 9);
        ids[..2].ShouldBe(ids[2..]);
        ids[0].ShouldNotBe(ids[1]);
    }

    [Fact]
    public async Task Arguments_that_are_not_json_are_passed_on_as_text()
    {
        const string broken = """[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\": "}}]},{"role":"tool","tool_call_id":"c","content":"x"}]""";
        (await PromptAsync("{# tools <tool_call> </tool_call> \"arguments\" #}{{ messages[1].tool_calls[0].function.arguments }}", broken, Tools)).ShouldBe("{\"a\": ");
        (await PromptAsync("{# tools <tool_call> <function= <parameter= #}{% for k, v in messages[1].tool_calls[0].function.arguments | items %}{{ k }}={{ v }}{% endfor %}", broken, Tools)).ShouldBe("arguments={\"a\": ");
    }

    [Fact]
    public async Task Calls_and_results_of_old_are_printed_as_those_of_tools()
    {
        const string old = """[{"role":"user","content":"go"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"done"}]""";
        (await PromptAsync("{# tools <tool_call> </tool_call> \"arguments\" #}{% for m in messages %}{{ m.role }} {{ m.tool_calls[0].function.name if m.tool_calls else m.content }};{% endfor %}", old, null)).ShouldBe("user go;assistant f;tool done;");
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"c","content":"x"}]""", "messages.[1].role")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"d","content":"x"}]""", "messages.[2].role")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]""", "messages.[2].role")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"function","content":"x"}]""", "messages[1].name")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f"}}]}]""", "messages[1].tool_calls[0].custom.input")]
    public async Task Results_that_answer_no_call_are_refused(string messages, string param)
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]));
        (await surface.RefusedAsync("/v1/chat/completions", $"{{\"model\":\"tiny-chat\",\"messages\":{messages}}}"))["param"]!.ToString().ShouldBe(param);
    }

    private static async Task<string> PromptAsync(string template, string messages, string? tools)
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]), template: template);
        var answer = await surface.AnswerAsync("/v1/chat/render", $"{{\"model\":\"tiny-chat\",\"messages\":{messages}{(tools is null ? "" : $",\"tools\":{tools}")}}}");
        return answer["prompt"]!.ToString();
    }
}
