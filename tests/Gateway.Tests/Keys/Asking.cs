using System.Net;
using System.Text.Json.Nodes;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Keys;

/// <summary>Requests with a key, or without.</summary>
internal static class Asking
{
    public const string Plain = """{"id":"chatcmpl-1","object":"chat.completion","created":5,"model":"there","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> AskAsync(this Door door, HttpMethod method, string path, string? key, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        return await door.Http.SendAsync(request, Cancellation);
    }

    public static Task<HttpResponseMessage> ChatAsync(this Door door, string? key, string model, params (string Name, string Value)[] headers) =>
        door.AskAsync(HttpMethod.Post, "v1/chat/completions", key, $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]}""", headers);

    public static async Task<HttpStatusCode> StatusAsync(this Door door, string? key, string model = "m")
    {
        using var answer = await door.ChatAsync(key, model);
        return answer.StatusCode;
    }

    public static async Task<JsonNode> ErrorAsync(this HttpResponseMessage answer)
    {
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        error.AsObject().Select(member => member.Key).ShouldBe(["message", "type", "param", "code"]);
        return error;
    }

    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        answer.StatusCode.ShouldBe(expected, text);
        return JsonNode.Parse(text)!;
    }
}
