using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Client;
using Gateway.Protocol.Chat;

namespace Gateway.EndToEnd.Tests;

/// <summary>The wire itself, and the bundled client, against the real gateway.</summary>
public sealed class ContractTests(RunningGateway gateway) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = gateway.Address };

    public void Dispose() => http.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string body)
    {
        using var answer = await http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!);
    }

    [Fact]
    public async Task The_bundled_client_streams_what_it_also_gets_at_once()
    {
        using var client = new GatewayClient(gateway.Address);
        var request = new ChatRequest("tiny-chat", [ChatMessage.User("What is the opposite of hot?")]) { Temperature = 0 };

        var plain = await client.Chat.CompleteAsync(request, Cancellation);
        var streamed = new StringBuilder();
        await foreach (var text in client.Chat.StreamTextAsync(request, Cancellation)) streamed.Append(text);

        streamed.ToString().ShouldBe(plain.Choices[0].Message.Content);
        streamed.ToString().ShouldContain("cold");
    }

    [Fact]
    public async Task A_wrong_method_is_told_which_are_right()
    {
        using var answer = await http.DeleteAsync("v1/models", Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldContain("GET");
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["error"]!["code"]!.ToString().ShouldBe("method_not_supported");
    }

    [Fact]
    public async Task A_model_s_entry_says_how_much_fits_before_anybody_has_asked_it_anything()
    {
        var entry = JsonNode.Parse(await http.GetStringAsync("v1/models/tiny-chat", Cancellation))!;

        ((int)entry["context_length"]!).ShouldBe(1024);
        ((int)entry["max_model_len"]!).ShouldBe(1024);
        ((string)entry["owned_by"]!).ShouldBe("gateway");
    }

    [Fact]
    public async Task Sixteen_streams_at_once_are_not_mixed_up()
    {
        using var client = new GatewayClient(gateway.Address);
        ChatRequest Ask(int i) => new("tiny-chat", [ChatMessage.User($"What is {i} + {i + 3}?")]) { Temperature = 0 };
        var alone = new List<string?>();
        for (var i = 0; i < 16; i++) alone.Add((await client.Chat.CompleteAsync(Ask(i), Cancellation)).Choices[0].Message.Content);

        var together = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            var text = new StringBuilder();
            await foreach (var part in client.Chat.StreamTextAsync(Ask(i), Cancellation)) text.Append(part);
            return text.ToString();
        }));

        together.ShouldBe(alone);
    }

    [Fact]
    public async Task The_routes_of_2022_answer()
    {
        var (status, body) = await PostAsync("v1/engines/tiny-chat/completions", """{"prompt":"Once upon a time","max_tokens":4,"temperature":0}""");

        status.ShouldBe(HttpStatusCode.OK);
        ((string?)body["object"]).ShouldBe("text_completion");
        var engines = JsonNode.Parse(await http.GetStringAsync("v1/engines", Cancellation))!;
        ((string?)engines["data"]![0]!["object"]).ShouldBe("engine");
    }

    [Theory]
    [InlineData("""{"model":""", 400, null)]
    [InlineData("", 400, null)]
    [InlineData("""{"model":"no-such-model","messages":[]}""", 404, "model")]
    [InlineData("""{"model":"tiny-chat","messages":[{"role":"king","content":"x"}]}""", 400, "messages[0].role")]
    [InlineData("""{"model":"tiny-chat","temperature":2.1,"messages":[{"role":"user","content":"x"}]}""", 400, "temperature")]
    [InlineData("""{"model":"tiny-chat","n":129,"messages":[{"role":"user","content":"x"}]}""", 400, "n")]
    [InlineData("""{"model":"tiny-chat","stop":["a","b","c","d","e"],"messages":[{"role":"user","content":"x"}]}""", 400, "stop")]
    [InlineData("""{"model":"tiny-chat","tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"x"}]}""", 400, "tools")]
    public async Task A_mistake_is_named_and_the_next_call_works(string body, int status, string? param)
    {
        var (code, error) = await PostAsync("v1/chat/completions", body);

        ((int)code).ShouldBe(status);
        error["error"]!.AsObject().Select(entry => entry.Key).Order().ShouldBe(["code", "message", "param", "type"]);
        ((string?)error["error"]!["param"]).ShouldBe(param);
        (await PostAsync("v1/completions", """{"model":"tiny-chat","prompt":"Hello","max_tokens":1}""")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_answer()
    {
        const string Body = """{"model":"tiny-chat","seed":7,"temperature":1,"messages":[{"role":"user","content":"Tell me a story."}]}""";

        var (first, second) = ((await PostAsync("v1/chat/completions", Body)).Body, (await PostAsync("v1/chat/completions", Body)).Body);

        ((string?)second["choices"]![0]!["message"]!["content"]).ShouldBe((string?)first["choices"]![0]!["message"]!["content"]);
    }
}
