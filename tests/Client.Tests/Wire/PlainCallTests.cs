using Gateway.Client.Errors;
using Gateway.Protocol.Chat;
using Gateway.Protocol.Completions;

namespace Gateway.Client.Tests.Wire;

public sealed class PlainCallTests : ClientFixture
{
    private const string Answer =
        """{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m-2024","choices":[{"index":0,"message":{"role":"assistant","content":"hello","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""";

    [Fact]
    public async Task A_chat_sends_exactly_these_bytes_and_reads_the_answer()
    {
        Upstream.ThenJson(200, Answer, ("x-request-id", "req_7"));

        var answer = await Client.Chat.CompleteAsync(new ChatRequest("m", [ChatMessage.System("é"), ChatMessage.User("hi")]) { MaxCompletionTokens = 5, Seed = 9 });

        var received = Upstream.Received.ShouldHaveSingleItem();
        received.Method.ShouldBe("POST");
        received.Target.ShouldBe("/v1/chat/completions");
        received.Body.ShouldBe("""{"model":"m","messages":[{"role":"system","content":"é"},{"role":"user","content":"hi"}],"max_completion_tokens":5,"seed":9}""");
        received.Headers["Authorization"].ShouldBe("Bearer sk-test");
        received.Headers["Content-Type"].ShouldBe("application/json");
        answer.Choices[0].Message.Content.ShouldBe("hello");
        answer.Choices[0].FinishReason.ShouldBe("stop");
        answer.Usage!.TotalTokens.ShouldBe(3);
        answer.RequestId.ShouldBe("req_7");
    }

    [Fact]
    public async Task A_completion_sends_exactly_these_bytes()
    {
        Upstream.ThenJson(200, """{"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":" x","index":0,"logprobs":null,"finish_reason":"length"}]}""");

        var answer = await Client.Completions.CompleteAsync(new CompletionRequest("m", new CompletionPrompt { Tokens = [1, 2] }) { MaxTokens = 1, Echo = false });

        Upstream.Received[0].Target.ShouldBe("/v1/completions");
        Upstream.Received[0].Body.ShouldBe("""{"model":"m","prompt":[1,2],"max_tokens":1,"echo":false}""");
        answer.Choices[0].Text.ShouldBe(" x");
    }

    [Fact]
    public async Task A_models_name_travels_in_one_segment()
    {
        Upstream.ThenJson(200, """{"id":"org/m:1","object":"model","created":7,"owned_by":"me"}""");
        (await Client.Models.GetAsync("org/m:1")).OwnedBy.ShouldBe("me");
        Upstream.Received[0].Target.ShouldBe("/v1/models/org%2Fm%3A1");
    }

    [Theory]
    [InlineData(400, "invalid_value", typeof(BadRequestException))]
    [InlineData(401, "invalid_api_key", typeof(AuthenticationFailedException))]
    [InlineData(403, null, typeof(PermissionDeniedException))]
    [InlineData(404, "model_not_found", typeof(ModelNotFoundException))]
    [InlineData(404, null, typeof(BadRequestException))]
    [InlineData(413, null, typeof(BadRequestException))]
    public async Task A_callers_mistake_is_typed_and_never_retried(int status, string? code, Type expected)
    {
        var codeJson = code is null ? "null" : $"\"{code}\"";
        Upstream.ThenJson(status, $$$"""{"error":{"message":"no","type":"invalid_request_error","param":"model","code":{{{codeJson}}}}}""", ("x-request-id", "req_8"));

        var thrown = await Should.ThrowAsync<GatewayException>(() => Client.Models.ListAsync());

        thrown.ShouldBeOfType(expected);
        (thrown.Status, thrown.Message, thrown.Error!.Param, thrown.Error.Code, thrown.RequestId).ShouldBe((status, "no", "model", code, "req_8"));
        Upstream.Received.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("<html>bad gateway</html>")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_proxys_page_is_still_a_typed_error(string page)
    {
        Upstream.ThenJson(502, page, ("x-should-retry", "false"));
        (await Should.ThrowAsync<ServerFailedException>(() => Client.Models.ListAsync())).Status.ShouldBe(502);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{\"object\":\"list\"")]
    [InlineData("[]")]
    public async Task An_answer_that_breaks_the_contract_is_said_to(string body)
    {
        Upstream.ThenJson(200, body);
        (await Should.ThrowAsync<GatewayException>(() => Client.Models.ListAsync())).Message.ShouldContain("models");
    }

    [Fact]
    public void Options_print_no_key() => new GatewayClientOptions(new Uri("http://x")) { ApiKey = "sk-secret" }.ToString().ShouldNotContain("secret");

    [Fact]
    public void An_address_must_be_http() => Should.Throw<ArgumentException>(() => new GatewayClient(new Uri("ftp://x")));
}
