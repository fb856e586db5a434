using System.Net;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Usage and costs in the shapes of the official document, from calls of a real model.</summary>
public sealed class UsageTests : IAsyncLifetime
{
    private const string Admin = "sk-of-the-conformance-suite";
    private readonly RunningGateway gateway = new();
    private Wire wire = null!;

    public async ValueTask InitializeAsync()
    {
        await gateway.StartAsync("--Gateway:AdminKey=" + Admin, "--Gateway:Models:priced:Targets:0:Local=tiny-chat", "--Gateway:Models:priced:Price:InputPerMillion=2", "--Gateway:Models:priced:Price:OutputPerMillion=8");
        wire = new Wire(gateway.Address);
    }

    public async ValueTask DisposeAsync()
    {
        wire?.Dispose();
        await gateway.DisposeAsync();
    }

    private async Task<JsonNode> AskAsync(string path)
    {
        wire.Http.DefaultRequestHeaders.Authorization = new("Bearer", Admin);
        return await wire.AskAsync(HttpMethod.Get, path, "UsageResponse");
    }

    [Fact]
    public async Task What_calls_used_comes_in_buckets_of_the_contract()
    {
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds();
        var first = await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":5").Replace("tiny-chat", "priced", StringComparison.Ordinal));
        var chunks = await wire.ChunksAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":7,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        var (input, output) = (Sum("prompt_tokens"), Sum("completion_tokens"));

        JsonNode usage = null!;
        do usage = await AskAsync($"v1/organization/usage/completions?start_time={start}&bucket_width=1m&group_by[]=model&group_by[]=api_key_id");
        while (Results(usage).Count < 2);

        Results(usage).Sum(result => (long)result["input_tokens"]!).ShouldBe(input);
        Results(usage).Sum(result => (long)result["output_tokens"]!).ShouldBe(output);
        Results(usage).Select(result => ((string?)result["model"], (long)result["num_model_requests"]!)).ShouldBe([("priced", 1), ("tiny-chat", 1)], ignoreOrder: true);
        var costs = await AskAsync($"v1/organization/costs?start_time={start}&group_by=line_item");
        var cost = Results(costs).ShouldHaveSingleItem();
        ((decimal)cost["amount"]!["value"]!, (string?)cost["line_item"]).ShouldBe((((long)first["usage"]!["prompt_tokens"]! * 0.000002m) + ((long)first["usage"]!["completion_tokens"]! * 0.000008m), "priced"));
        (await AskAsync("v1/organization/usage/completions?start_time=0&limit=3"))["next_page"]!.ToString().ShouldStartWith("page_");

        long Sum(string name) => (long)first["usage"]![name]! + (long)chunks[^1]["usage"]![name]!;
    }

    [Fact]
    public async Task Without_the_admin_key_they_are_not_told()
    {
        foreach (var path in (string[])["v1/organization/usage/completions?start_time=0", "v1/organization/costs?start_time=0"])
        {
            using var refused = await wire.Http.GetAsync(path, Wire.Cancellation);
            await Wire.ErrorAsync(refused, HttpStatusCode.Unauthorized);
        }
    }

    private static List<JsonNode> Results(JsonNode page) => [.. page["data"]!.AsArray().SelectMany(bucket => bucket!["results"]!.AsArray()).Select(result => result!)];
}
