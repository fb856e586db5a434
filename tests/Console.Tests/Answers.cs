using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Gateway.Console.Tests;

/// <summary>Streams of an upstream.</summary>
internal static class Answers
{
    public const string Markup = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>";

    /// <summary>Thoughts, text that looks like markup, usage, and the end.</summary>
    public static string[] Stream(params string[] texts) =>
    [
        Chunk(new { role = "assistant", content = "" }), Chunk(new { reasoning_content = "Let me think." }), .. texts.Select(text => Chunk(new { content = text })),
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}}\n\n",
        "data: [DONE]\n\n",
    ];

    public const string Plain = """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}""";

    /// <summary>Begins, and goes on until the gateway leaves.</summary>
    public static async Task EndlessAsync(HttpContext http, TaskCompletionSource left)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(Chunk(new { role = "assistant", content = "It begins" }));
        await http.Response.Body.FlushAsync();
        http.RequestAborted.Register(() => left.TrySetResult());
        await left.Task;
    }

    private static string Chunk(object delta) => $"data: {JsonSerializer.Serialize(new { id = "c", @object = "chat.completion.chunk", created = 1, model = "m", choices = new[] { new { index = 0, delta } } })}\n\n";
}
