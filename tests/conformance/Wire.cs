using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Conformance.Tests;

/// <summary>Asks the running gateway, and holds what comes back to the official schema.</summary>
/// <param name="address">Of the gateway.</param>
/// <param name="model">Who is asked by requests that name the embedded model; skips, counted, where its files are absent.</param>
internal sealed class Wire(Uri address, string model = Wire.Tiny) : IDisposable
{
    /// <summary>The embedded model.</summary>
    public const string Tiny = "tiny-chat";

    /// <summary>SmolLM2-135M-Instruct, from GGUF.</summary>
    public const string Smol = "smollm2";

    private static readonly Lazy<ContractSchema?> Schema = new(ContractSchema.Load);

    public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A chat request for the embedded model; <paramref name="extra"/> begins with a comma.</summary>
    public static string Chat(string extra = "", string content = "What is the opposite of hot?") =>
        $$"""{"model":"tiny-chat","messages":[{"role":"user","content":{{JsonValue.Create(content).ToJsonString()}}}],"temperature":0{{extra}}}""";

    public static string Prompt(string extra = "", string prompt = "\"Once upon a time\"") => $$"""{"model":"tiny-chat","prompt":{{prompt}},"temperature":0{{extra}}}""";

    public Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        if (model == Smol) Shared.Optional("models", "smollm2-135m-instruct-gguf");
        // It rambles where nobody stops it.
        if (model == Smol && body.Contains("\"messages\"", StringComparison.Ordinal) && !body.Contains("_tokens\"", StringComparison.Ordinal) && body.EndsWith('}')) body = body[..^1] + ",\"max_tokens\":40}";
        return Http.PostAsync(path, new StringContent(body.Replace("\"model\":\"tiny-chat\"", $"\"model\":\"{model}\"", StringComparison.Ordinal), Encoding.UTF8, "application/json"), Cancellation);
    }

    public async Task<JsonNode> AnswerAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        var answer = JsonNode.Parse(text)!;
        Validate(answer, path.Contains("chat", StringComparison.Ordinal) ? "CreateChatCompletionResponse" : "CreateCompletionResponse");
        return answer;
    }

    public async Task<JsonNode> RefusedAsync(string path, string body, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        using var response = await PostAsync(path, body);
        return await ErrorAsync(response, status);
    }

    /// <summary>A call that is no POST of a whole request, held to the schema of its answer.</summary>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, string schema, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await Http.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        var answer = JsonNode.Parse(text)!;
        Validate(answer, schema);
        return answer;
    }

    /// <summary>The error object of a response, which has all four keys.</summary>
    public static async Task<JsonNode> ErrorAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(status, text);
        var error = JsonNode.Parse(text)!["error"]!.AsObject();
        error.Select(entry => entry.Key).ShouldBe(["message", "type", "param", "code"], ignoreOrder: true);
        error["message"]!.ToString().ShouldNotBeEmpty();
        return error;
    }

    /// <summary>The chunks of a stream that ends in <c>[DONE]</c>; every event is a bare <c>data</c> line.</summary>
    public async Task<List<JsonNode>> ChunksAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream; charset=utf-8");
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != ':').ToList();
        events.ShouldAllBe(line => line.StartsWith("data: ", StringComparison.Ordinal) && !line.Contains('\n'));
        events[^1].ShouldBe("data: [DONE]");
        var chunks = events[..^1].Select(line => JsonNode.Parse(line[6..])!).ToList();
        foreach (var chunk in chunks) Validate(chunk, path.Contains("chat", StringComparison.Ordinal) ? "CreateChatCompletionStreamResponse" : "CreateCompletionResponse");
        return chunks;
    }

    public static string Text(JsonNode answer, int choice = 0) => answer["choices"]![choice]!["message"]!["content"]!.ToString();

    public static string Text(IEnumerable<JsonNode> chunks) => string.Concat(chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]!["content"]));

    public void Dispose() => Http.Dispose();

    /// <summary>Holds any value to a schema of the official document.</summary>
    public static void Validate(JsonNode value, string schema) => Schema.Value?.Mistake(value, schema).ShouldBeNull(value.ToJsonString());
}
