using System.Text;
using Gateway.Forwarding;

namespace Gateway.Tests.Forwarding;

public class StreamEventsTests
{
    private const string Chunk = """{"id":"c","choices":[{"index":0,"delta":{"content":" \"error\" "},"finish_reason":null}],"usage":null}""";

    public static TheoryData<string> Written => new(
        $"data: {Chunk}\n\n",
        $"data:{Chunk}\n\n",
        $"data: {Chunk}\r\n\r\n",
        $"event: message\ndata: {Chunk}\n\n",
        $"id: 7\nevent: message\nretry: 10\ndata:{Chunk}\n\n",
        $": a comment\ndata: {Chunk}\n\n");

    [Theory]
    [MemberData(nameof(Written))]
    public void A_chunk_is_seen_however_its_upstream_writes_it_and_leaves_nothing_to_collect(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var events = new StreamEvents(choices: 1);
        events.See(bytes).ShouldBe(StreamEvent.Data);
        Encoding.UTF8.GetString(StreamEvents.Data(bytes, out var named)).ShouldBe(Chunk);
        named.ShouldBeFalse();

        Allocated.By(() =>
        {
            for (var chunk = 0; chunk < 100; chunk++) events.See(bytes);
        }).ShouldBe(0);
        events.IsFinished.ShouldBeFalse();
    }

    [Theory]
    [InlineData("data: {\"a\":\ndata: 1}\n\n", "{\"a\":\n1}")]
    [InlineData("data:{\r\ndata:}\r\n\r\n", "{\n}")]
    [InlineData("data: one\n: between\nid: 2\ndata: two\ndata: three\n\n", "one\ntwo\nthree")]
    public void Lines_of_data_are_one_text(string text, string data) =>
        Encoding.UTF8.GetString(StreamEvents.Data(Encoding.UTF8.GetBytes(text), out _)).ShouldBe(data);

    [Theory]
    [InlineData("event: error\ndata: {\"message\":\"it broke\"}\n\n", nameof(StreamEvent.Error))]
    [InlineData("data: {\"error\":{\"message\":\"it broke\"}}\n\n", nameof(StreamEvent.Error))]
    [InlineData("data: {\"error\":null,\"choices\":[]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: {\"error\":\"it broke\"}\n\n", nameof(StreamEvent.Error))]
    [InlineData("data: {\"error\":429}\n\n", nameof(StreamEvent.Error))]
    [InlineData("data: {\"error\":\"\",\"choices\":[]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: {\"error\":0,\"choices\":[]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: {\"error\":{},\"choices\":[]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: {\"choices\":[],\"error\":[ ]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: [DONE]\n\n", nameof(StreamEvent.Done))]
    [InlineData("data:[DONE]\n\n", nameof(StreamEvent.Done))]
    [InlineData(": still here\n\n", nameof(StreamEvent.Comment))]
    [InlineData("event: ping\n\n", nameof(StreamEvent.Comment))]
    [InlineData("data: text\n\n", nameof(StreamEvent.Broken))]
    [InlineData("data: {\"a\":1\n\n", nameof(StreamEvent.Broken))]
    [InlineData("something\ndata: {}\n\n", nameof(StreamEvent.Broken))]
    [InlineData("\uFEFFdata: {\"choices\":[]}\n\n", nameof(StreamEvent.Data))]
    [InlineData("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n", nameof(StreamEvent.Usage))]
    public void What_an_event_is(string text, string expected) =>
        new StreamEvents(choices: 1).See(Encoding.UTF8.GetBytes(text)).ToString().ShouldBe(expected);
}
