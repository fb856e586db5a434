using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Microsoft.AspNetCore.Builder;

namespace Gateway.Worker.Tests;

/// <summary>The real HTTP surface over a golden embedding model or reranker on the real engine.</summary>
internal sealed class EncoderSurface : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly LoadedEncoder model;
    private readonly HttpClient http;

    private EncoderSurface(WebApplication app, LoadedEncoder model) =>
        (this.app, this.model, http) = (app, model, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<EncoderSurface> StartAsync(string golden, int? context = null) => OpenAsync(Shared.GoldenOrOptional("embeddings", golden), context);

    public static async Task<EncoderSurface> OpenAsync(string folder, int? context = null, string backend = "auto")
    {
        var slot = new ModelSlot();
        var model = (LoadedEncoder)ModelLoader.Load(new ServeOptions("m", folder) { Device = "cpu", Context = context, Backend = backend }, TimeProvider.System, _ => { });
        slot.Set(model);
        var app = WorkerApp.Create("http://127.0.0.1:0", new WorkerLimits { MaxBodyBytes = 300_000 }, slot, TimeProvider.System);
        await app.StartAsync(Cancellation);
        return new EncoderSurface(app, model);
    }

    public Task<JsonNode> EmbedAsync(string fields) => AskAsync("/v1/embeddings", fields);

    public Task<JsonNode> RankAsync(string fields) => AskAsync("/v1/rerank", fields);

    /// <summary>Sends a body with each kind of value for a field: it is accepted, or refused with a name that begins with the field's.</summary>
    public async Task MustNameAsync(string path, string fields, string field)
    {
        foreach (var value in MalformedFieldTests.Values)
        {
            using var content = new StringContent($"{{\"model\":\"m\",{fields},\"{field}\":{value}}}", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(path, content, Cancellation);
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            if (response.StatusCode == HttpStatusCode.OK) continue;
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, $"{value}: {text}");
            ((string?)JsonNode.Parse(text)!["error"]!["param"]).ShouldNotBeNull().ShouldStartWith(field, Case.Sensitive, $"{value}: {text}");
        }
    }

    /// <param name="fields">All of the body but the model.</param>
    public async Task<JsonNode> AskAsync(string path, string fields, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var content = new StringContent("{\"model\":\"m\"," + fields + "}", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(path, content, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        response.StatusCode.ShouldBe(status, text[..Math.Min(text.Length, 500)]);
        return JsonNode.Parse(text)!;
    }

    /// <summary>What the answer's header says was ignored.</summary>
    public async Task<string> IgnoredAsync(string path, string fields)
    {
        using var content = new StringContent("{\"model\":\"m\"," + fields + "}", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(path, content, Cancellation);
        return response.Headers.GetValues("x-gateway-ignored-fields").Single();
    }

    public async Task<JsonNode> RefusedAsync(string path, string fields) => (await AskAsync(path, fields, HttpStatusCode.BadRequest))["error"]!;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.DisposeAsync();
        await model.DisposeAsync();
    }
}
