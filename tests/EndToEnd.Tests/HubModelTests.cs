using Gateway.Client;
using Gateway.Protocol.Chat;

namespace Gateway.EndToEnd.Tests;

/// <summary>A model that the settings name by its place on a hub, through the real programs and an imitation of the hub.</summary>
public sealed class HubModelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_of_a_hub_is_pulled_once_for_all_who_ask_and_then_needs_no_hub()
    {
        using var models = new TemporaryFolder();
        string[] settings = [$"--Gateway:ModelsFolder={models.Path}", "--Gateway:Models:from-hub:Path=hf:org/model"];
        await using (var hub = await FakeHub.StartAsync())
        {
            foreach (var file in Directory.EnumerateFiles(Shared.TinyChat)) hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, Cancellation);
            await using var gateway = new RunningGateway();
            await gateway.StartAsync([.. settings, $"--Gateway:Hub:Address={hub.Address}"]);
            hub.Requests.ShouldBeEmpty("nothing is pulled before somebody asks");

            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync(gateway)));

            answers.ShouldAllBe(answer => answer!.Contains("cold"));
            hub.Requests.Count(request => request.Path.EndsWith("config.json", StringComparison.Ordinal) && !request.Path.Contains("tokenizer")).ShouldBeLessThanOrEqualTo(2, "one pull for all");
        }

        // The hub is gone; what was pulled is local.
        await using var again = new RunningGateway();
        await again.StartAsync([.. settings, "--Gateway:Hub:Address=http://127.0.0.1:9"]);
        (await AskAsync(again))!.ShouldContain("cold");
    }

    [Fact]
    public async Task A_model_that_the_hub_does_not_have_is_an_error_of_that_model_only()
    {
        using var models = new TemporaryFolder();
        await using var hub = await FakeHub.StartAsync();
        await using var gateway = new RunningGateway();
        await gateway.StartAsync($"--Gateway:ModelsFolder={models.Path}", "--Gateway:Models:from-hub:Path=hf:org/nothing", $"--Gateway:Hub:Address={hub.Address}");
        using var http = new HttpClient { BaseAddress = gateway.Address };

        using var answer = await http.PostAsync("v1/chat/completions", new StringContent("{\"model\":\"from-hub\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", System.Text.Encoding.UTF8, "application/json"), Cancellation);

        ((int)answer.StatusCode).ShouldBe(503);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain("could not be pulled");
        using var client = new GatewayClient(gateway.Address);
        (await client.Chat.CompleteAsync(new ChatRequest("tiny-chat", [ChatMessage.User("What is the opposite of hot?")]) { Temperature = 0 }, Cancellation)).Choices[0].Message.Content!.ShouldContain("cold");
    }

    private static async Task<string?> AskAsync(RunningGateway gateway)
    {
        using var client = new GatewayClient(gateway.Address);
        return (await client.Chat.CompleteAsync(new ChatRequest("from-hub", [ChatMessage.User("What is the opposite of hot?")]) { Temperature = 0 }, Cancellation)).Choices[0].Message.Content;
    }
}
