using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Worker.Chat;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Microsoft.AspNetCore.Builder;

namespace Gateway.Worker.Tests;

/// <summary>The real HTTP surface on a free port, over any backend, with the embedded model's tokenizer and template.</summary>
internal sealed class Surface : IAsyncDisposable
{
    private Surface(WebApplication app, LoadedModel model)
    {
        (App, Model) = (app, model);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public LoadedModel Model { get; }

    public HttpClient Http { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Surface> StartAsync(Func<ModelFolder, IModelBackend> backend, bool withTemplate = true, bool loaded = true, string? template = null, TimeProvider? time = null, string? path = null)
    {
        using var folder = ModelFolder.Open(path ?? Shared.TinyChat);
        var model = new LoadedModel(backend(folder), folder.Tokenizer, template is not null ? ChatTemplate.Parse(template, "test") : withTemplate ? ModelLoader.TemplateOf(folder) : null, folder.Generation)
        {
            SpecialTokens = folder.SpecialTokens,
            TemplateSource = template ?? folder.ChatTemplateSource ?? "",
            Reasoning = ReasoningTags.Of(template ?? folder.ChatTemplateSource ?? "", folder.Tokenizer),
        };
        var slot = new ModelSlot();
        if (loaded) slot.Set(model);
        var app = WorkerApp.Create("http://127.0.0.1:0", new WorkerLimits { MaxBodyBytes = 300_000 }, slot, time ?? TimeProvider.System);
        await app.StartAsync(Cancellation);
        return new Surface(app, model);
    }

    /// <summary>The real engine over a network that counts upwards.</summary>
    public static Task<Surface> WithEngineAsync(int context = 256) => StartAsync(_ => new BatchingBackend(
        new SuccessorRunner(3072, context), new ModelCard("tiny-chat", "llama", 3072, context, "successor"), new BatchingOptions(), TimeProvider.System));

    public static string Chat(string extra = "") => "{\"model\":\"tiny-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + extra + "}";

    public Task<HttpResponseMessage> PostAsync(string path, string body) =>
        Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);

    public async Task<JsonNode> AnswerAsync(string path, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await PostAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(status, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> RefusedAsync(string path, string body, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        (await AnswerAsync(path, body, status))["error"]!;

    public async Task<List<string>> EventsAsync(string path, string body)
    {
        using var response = await PostAsync(path, body);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
        await Model.DisposeAsync();
    }
}
