using System.Text.Json;
using Gateway.Protocol;
using Gateway.Protocol.Chat;

namespace Gateway.Client.Tests.Wire;

/// <summary>Tools on the wire, and calls from streams.</summary>
public sealed class ToolCallTests
{
    [Fact]
    public void Tools_and_choices_are_written_as_the_contract_has_them()
    {
        ChatTool[] tools = [ChatTool.Of(new ToolFunction("f")), ChatTool.Of(new CustomTool("c") { Format = CustomToolFormat.Regex("a+") })];
        var request = new ChatRequest("m", [ChatMessage.User("hi")]) { Tools = tools, ToolChoice = ToolChoice.Allowed(tools, required: true) };
        JsonSerializer.Serialize(request, ProtocolJson.Wire.ChatRequest).ShouldBe(
            """{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"a+"}}}}]"""
            + ""","tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}}}""");
        ToolChoice.Required.GetRawText().ShouldBe("\"required\"");
        ToolChoice.Custom("c").GetRawText().ShouldBe("""{"type":"custom","custom":{"name":"c"}}""");
    }

    [Fact]
    public void Calls_of_a_stream_come_whole_by_choice_and_index()
    {
        var calls = new StreamedCalls();
        foreach (var (choice, delta) in ((int, string)[])
        [
            (0, """{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":""}}]}"""),
            (1, """{"tool_calls":[{"index":0,"id":"call_b","type":"custom","custom":{"name":"c","input":"x ="}}]}"""),
            (0, """{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}"""),
            (0, """{"tool_calls":[{"index":1,"id":"call_c","type":"function","function":{"name":"g","arguments":"{}"}}]}"""),
            (0, """{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"""),
            (1, """{"tool_calls":[{"index":0,"custom":{"input":" 1"}}]}"""),
        ])
        {
            var chunk = $$"""{"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":{{choice}},"delta":{{delta}},"logprobs":null,"finish_reason":null}]}""";
            calls.Add(JsonSerializer.Deserialize(chunk, ProtocolJson.Wire.ChatCompletionChunk)!);
        }

        calls.Of(0).Select(call => (call.Id, call.Function!.Name, call.Function.Arguments)).ShouldBe([("call_a", "f", "{\"a\":1}"), ("call_c", "g", "{}")]);
        var custom = calls.Of(1).ShouldHaveSingleItem();
        (custom.Id, custom.Type, custom.Custom!.Name, custom.Custom.Input).ShouldBe(("call_b", "custom", "c", "x = 1"));
    }
}
