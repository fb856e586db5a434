using Gateway.Client.Errors;
using Gateway.Protocol.Chat;

namespace Gateway.Client.Tests.Wire;

public sealed class StoredChatTests : ClientFixture
{
    private static string Completion(string id) =>
        $$$"""{"id":"{{{id}}}","object":"chat.completion","created":7,"model":"m","metadata":{"k":"v"},"choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"logprobs":null,"finish_reason":"stop"}],"tools":null}""";

    private static string Page(bool more, params string[] ids) =>
        $$"""{"object":"list","data":[{{string.Join(',', ids.Select(Completion))}}],"first_id":"{{ids[0]}}","last_id":"{{ids[^1]}}","has_more":{{(more ? "true" : "false")}}}""";

    [Fact]
    public async Task A_request_says_what_is_to_be_kept()
    {
        Upstream.ThenJson(200, Completion("a"));

        await Client.Chat.CompleteAsync(new ChatRequest("m", [ChatMessage.User("hi")]) { Store = true, Metadata = new Dictionary<string, string> { ["k"] = "v" } });

        Upstream.Received[0].Body.ShouldBe("""{"model":"m","messages":[{"role":"user","content":"hi"}],"store":true,"metadata":{"k":"v"}}""");
    }

    [Fact]
    public async Task A_list_asks_for_page_after_page()
    {
        Upstream.ThenJson(200, Page(true, "a", "b")).ThenJson(200, Page(false, "c"));
        var seen = new List<string>();

        await foreach (var one in Client.Chat.Stored.ListAsync(new StoredChatQuery { Model = "org/m", Metadata = new Dictionary<string, string> { ["k 1"] = "é&" }, Limit = 2, Descending = true })) seen.Add(one.Id);

        seen.ShouldBe(["a", "b", "c"]);
        const string First = "/v1/chat/completions?model=org%2Fm&metadata%5Bk%201%5D=%C3%A9%26";
        Upstream.Received.Select(request => request.Target).ShouldBe([First + "&limit=2&order=desc", First + "&after=b&limit=2&order=desc"]);
    }

    [Fact]
    public async Task One_is_read_changed_and_deleted_by_its_id()
    {
        var stored = Client.Chat.Stored;
        Upstream.ThenJson(200, Completion("a/1")).ThenJson(200, Completion("a/1")).ThenJson(200, """{"object":"chat.completion.deleted","id":"a/1","deleted":true}""")
            .ThenJson(200, """{"object":"list","data":[{"id":"a-0","role":"user","content":null,"content_parts":[{"type":"text","text":"hi"}],"name":null}],"first_id":"a-0","last_id":"a-0","has_more":false}""")
            .ThenJson(404, """{"error":{"message":"Completion x not found","type":"invalid_request_error","param":"completion_id","code":"not_found"}}""");

        (await stored.GetAsync("a/1")).Metadata!["k"].ShouldBe("v");
        await stored.UpdateAsync("a/1", new Dictionary<string, string> { ["k"] = "v" });
        (await stored.DeleteAsync("a/1")).Deleted.ShouldBeTrue();
        (await stored.MessagesAsync("a/1", new StoredChatQuery { After = "a-9", Model = "m" })).Data[0].ContentParts!.Count.ShouldBe(1);
        (await Should.ThrowAsync<BadRequestException>(() => stored.GetAsync("x"))).Error!.Code.ShouldBe("not_found");

        Upstream.Received.Select(request => $"{request.Method} {request.Target} {request.Body}").ShouldBe(
        [
            "GET /v1/chat/completions/a%2F1 ", """POST /v1/chat/completions/a%2F1 {"metadata":{"k":"v"}}""", "DELETE /v1/chat/completions/a%2F1 ",
            "GET /v1/chat/completions/a%2F1/messages?after=a-9 ", "GET /v1/chat/completions/x ",
        ]);
    }
}
