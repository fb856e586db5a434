using System.Net;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Doors;

public class FirstTests
{
    private const string Answer = """{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4},"big":12345678901234567890.10}""";
    private const string Chunk = "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Usage = "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}\n\n";
    private const string Done = "data: [DONE]\n\n";

    [Fact]
    public async Task A_plain_answer_passes_byte_for_byte_under_the_name_that_the_upstream_knows()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenJson(200, Answer, ("Set-Cookie", "a=b"), ("x-vendor", "kept"));
        await using var door = await Door.OpenAsync("m", new { Defaults = new { temperature = 0.7, user = "7" } }, upstream.Address);

        using var answer = await door.ChatAsync("m", more: ",\"vendor\":1.50");

        (await answer.Content.ReadAsStringAsync()).ShouldBe(Answer);
        upstream.Received[0].Body.ShouldBe("""{"model":"there","messages":[{"role":"user","content":"hi"}],"stream":false,"vendor":1.50,"temperature":0.7,"user":"7"}""");
        upstream.Received[0].Target.ShouldBe("/v1/chat/completions");
        upstream.Received[0].Headers["Authorization"].ShouldBe("Bearer sk-of-the-upstream");
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u0"]);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        answer.Headers.GetValues("x-gateway-model").ShouldBe(["m"]);
        answer.Headers.GetValues("x-vendor").ShouldBe(["kept"]);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task A_stream_passes_byte_for_byte_without_the_usage_that_only_the_gateway_asked_for()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.ThenStream(": hi\n\n", Chunk, Last, Usage, Done);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m", stream: true);

        (await answer.Content.ReadAsStringAsync()).ShouldBe(": hi\n\n" + Chunk + Last + Done);
        upstream.Received[0].Body.ShouldContain("\"stream_options\":{\"include_usage\":true}");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_transient_failure_goes_to_the_next_target_at_once(int status)
    {
        await using var first = await FakeUpstream.StartAsync();
        await using var second = await FakeUpstream.StartAsync();
        first.ThenJson(status, "{}", ("Retry-After", "2"));
        second.ThenJson(200, Answer);
        await using var door = await Door.OpenAsync("m", new { }, first.Address, second.Address);

        using var answer = await door.ChatAsync("m");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u1"]);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_stream_that_dies_ends_in_one_error_event()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var seen = new TaskCompletionSource();
        upstream.Then(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(Chunk + Chunk[..20]);
            await http.Response.Body.FlushAsync();
            await seen.Task;
            http.Abort();
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);

        using var answer = await door.ChatAsync("m", stream: true);
        seen.SetResult();
        var text = await answer.Content.ReadAsStringAsync();

        text.ShouldStartWith(Chunk + "data: {\"error\":{");
        text.Split("\"error\"").Length.ShouldBe(2);
        text.ShouldNotContain("[DONE]");
    }
}
