using System.ClientModel;
using Gateway.Client;
using Gateway.Client.Errors;
using Gateway.Protocol.Chat;
using OpenAI;

namespace Gateway.EndToEnd.Tests;

/// <summary>Kept chat completions through three clients, against a real gateway that keeps them, and over its restart.</summary>
public sealed class StoredCompletionTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private RunningGateway gateway = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        folder.Dispose();
    }

    private Task StartAsync() => gateway.StartAsync("--Gateway:StoredCompletions:Enabled=true", $"--Gateway:Database=Data Source={folder.File("gateway.db")}");

    [Fact]
    public async Task The_npm_package_lists_reads_changes_and_deletes()
    {
        var seen = await Node.RunAsync("stored.mjs", gateway.Address);

        ((string?)seen["kept"]).ShouldBe((string?)seen["answered"]);
        seen["listed"]!.AsArray().Count.ShouldBe(5); // by the package's own paging, two at a time
        seen["listed"]!.AsArray().Select(id => (string?)id).Distinct().Count().ShouldBe(5);
        seen["red"]!.AsArray().Count.ShouldBe(1);
        ((string?)seen["updated"]!["team"]).ShouldBe("blue");
        ((string?)seen["message"]!["content"]).ShouldBe("What is the capital of France?");
        ((bool)seen["deleted"]!).ShouldBeTrue();
        ((int)seen["gone"]!["status"]!, (string?)seen["gone"]!["code"]).ShouldBe((404, "not_found"));
    }

    [Fact]
    public async Task The_official_dotnet_package_lists_reads_changes_and_deletes()
    {
#pragma warning disable OPENAI001 // the package calls these trials
        var chat = new OpenAI.Chat.ChatClient("tiny-chat", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "v1") });
        var options = new OpenAI.Chat.ChatCompletionOptions { Temperature = 0, StoredOutputEnabled = true };
        options.Metadata["team"] = "red";
        OpenAI.Chat.ChatCompletion answer = await chat.CompleteChatAsync([new OpenAI.Chat.UserChatMessage("What is the capital of France?")], options, Cancellation);

        OpenAI.Chat.ChatCompletion kept = await chat.GetChatCompletionAsync(answer.Id, Cancellation);
        kept.Content[0].Text.ShouldBe(answer.Content[0].Text);
        var listed = new List<string>();
        await foreach (var one in chat.GetChatCompletionsAsync(new OpenAI.Chat.ChatCompletionCollectionOptions { PageSizeLimit = 1 }, Cancellation)) listed.Add(one.Id);
        listed.ShouldBe([answer.Id]);
        var messages = new List<string>();
        await foreach (var message in chat.GetChatCompletionMessagesAsync(answer.Id, cancellationToken: Cancellation)) messages.Add(message.Content);
        messages.ShouldBe(["What is the capital of France?"]);
        await chat.UpdateChatCompletionAsync(answer.Id, new Dictionary<string, string> { ["team"] = "blue" }, Cancellation);
        await chat.DeleteChatCompletionAsync(answer.Id, Cancellation);
        (await Should.ThrowAsync<ClientResultException>(() => chat.GetChatCompletionAsync(answer.Id, Cancellation))).Status.ShouldBe(404);
#pragma warning restore OPENAI001
    }

    [Fact]
    public async Task The_bundled_client_does_so_too_and_a_restart_loses_nothing()
    {
        var ids = new List<string>();
        using (var client = new GatewayClient(gateway.Address))
        {
            for (var i = 0; i < 3; i++)
            {
                var request = new ChatRequest("tiny-chat", [ChatMessage.User($"What is {i} + 2?")]) { Temperature = 0, Store = true, Metadata = new Dictionary<string, string> { ["i"] = $"{i}" } };
                ids.Add((await client.Chat.CompleteAsync(request, Cancellation)).Id);
            }
        }

        await RunningGateway.SignalAsync("TERM", gateway.Process.Id);
        await gateway.Process.WaitForExitAsync(Cancellation);
        await gateway.DisposeAsync();
        gateway = new RunningGateway();
        await StartAsync();
        using var again = new GatewayClient(gateway.Address);
        var stored = again.Chat.Stored;

        var listed = new List<ChatCompletion>();
        await foreach (var one in stored.ListAsync(new StoredChatQuery { Limit = 2, Descending = true }, Cancellation)) listed.Add(one);
        listed.Select(one => one.Id).ShouldBe(ids.AsEnumerable().Reverse());
        (await stored.PageAsync(new StoredChatQuery { Metadata = new Dictionary<string, string> { ["i"] = "1" } }, Cancellation)).Data.ShouldHaveSingleItem().Id.ShouldBe(ids[1]);
        (await stored.MessagesAsync(ids[1], cancellation: Cancellation)).Data.ShouldHaveSingleItem().Content.ShouldBe("What is 1 + 2?");
        (await stored.UpdateAsync(ids[1], new Dictionary<string, string> { ["new"] = "é" }, Cancellation)).Metadata!["new"].ShouldBe("é");
        (await stored.DeleteAsync(ids[1], Cancellation)).Deleted.ShouldBeTrue();
        (await Should.ThrowAsync<GatewayException>(() => stored.GetAsync(ids[1], Cancellation))).Status.ShouldBe(404);
    }
}
