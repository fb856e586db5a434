using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Client;
using Gateway.Protocol.Chat;

namespace Gateway.EndToEnd.Tests;

/// <summary>One model folder under several names, each by another engine or in another format, side by side; and what is left when they have been idle.</summary>
public sealed class EngineTests
{
    private static readonly (string Name, string Backend, string Weights)[] Models =
        [("by-torch", "torch", "auto"), ("by-torch-bf16", "torch", "bf16"), ("by-onnx", "onnx", "f32"), ("by-onnx-q8", "auto", "q8")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_engine_answers_says_who_it_is_and_leaves_nothing_behind_when_it_was_idle()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        await using var gateway = new RunningGateway();
        await gateway.StartAsync([.. Models.SelectMany(model => (string[])
        [
            $"--Gateway:Models:{model.Name}:Path={Shared.TinyChat}", $"--Gateway:Models:{model.Name}:Backend={model.Backend}",
            $"--Gateway:Models:{model.Name}:Weights={model.Weights}", $"--Gateway:Models:{model.Name}:KeepAlive=00:00:01",
        ])]);
        var before = gateway.Workers().ToHashSet();
        using var client = new GatewayClient(gateway.Address);

        var answers = await Task.WhenAll(Models.Select(model => AskAsync(client, model.Name)));

        answers.ShouldAllBe(answer => answer!.Contains("cold"));
        gateway.Log.ShouldContain("by-onnx is computed by onnx: asked for");
        gateway.Log.ShouldContain("by-onnx-q8 is computed by onnx: only it computes with weights in q8");
        gateway.Log.ShouldContain("by-torch is computed by torch: asked for");

        // Idle for their second, all four end; their memory is the system's again because the processes are gone.
        foreach (var id in gateway.Workers().Where(id => !before.Contains(id))) await EndedAsync(id);
        gateway.Workers().ShouldBeSubsetOf(before);
        (await AskAsync(client, "by-onnx"))!.ShouldContain("cold");
    }

    /// <summary>Sixteen at once to a graph that somebody else exported: its own golden tokens for each, through both programs.</summary>
    [Fact]
    public async Task An_exported_graph_gives_its_golden_tokens_over_http_whoever_else_asks()
    {
        var folder = Shared.Golden("onnx", "optimum", "llama");
        await using var gateway = new RunningGateway();
        await gateway.StartAsync($"--Gateway:Models:exported:Path={folder}");
        var goldens = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "goldens.json"), Cancellation))!;
        var runs = goldens["files"]!["onnx/model.onnx"]!["greedy"]!.AsArray();
        using var http = new HttpClient { BaseAddress = gateway.Address };

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            var prompt = goldens["prompts"]![i % runs.Count]!["ids"]!;
            var body = new JsonObject { ["model"] = "exported", ["prompt"] = prompt.DeepClone(), ["max_tokens"] = 24, ["temperature"] = 0, ["ignore_eos"] = true, ["return_token_ids"] = true };
            using var answer = await http.PostAsync("v1/completions", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"), Cancellation);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        }));

        for (var i = 0; i < answers.Length; i++)
            answers[i]["choices"]?[0]?["token_ids"]?.ToJsonString().ShouldBe(runs[i % runs.Count]!["tokens"]!.ToJsonString(), answers[i].ToJsonString());
    }

    private static async Task<string?> AskAsync(GatewayClient client, string model) =>
        (await client.Chat.CompleteAsync(new ChatRequest(model, [ChatMessage.User("What is the opposite of hot?")]) { Temperature = 0 }, Cancellation)).Choices[0].Message.Content;

    private static async Task EndedAsync(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        }
        catch (ArgumentException)
        {
            // It ended before it could be looked at.
        }
    }
}
