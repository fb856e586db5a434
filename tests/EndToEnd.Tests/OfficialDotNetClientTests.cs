using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace Gateway.EndToEnd.Tests;

/// <summary>The official .NET package, unmodified, against the real gateway.</summary>
public class OfficialDotNetClientTests(RunningGateway gateway)
{
    private readonly ChatClient chat = new("tiny-chat", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "v1") });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_chat_is_answered()
    {
        ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("What is the capital of France?")], new ChatCompletionOptions { Temperature = 0 }, Cancellation);

        answer.Content[0].Text.ShouldContain("Paris");
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Usage.TotalTokenCount.ShouldBe(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_streamed_chat_says_the_same()
    {
        var options = new ChatCompletionOptions { Temperature = 0 };
        ChatCompletion plain = await chat.CompleteChatAsync([new UserChatMessage("What is 12 + 7?")], options, Cancellation);
        var text = new StringBuilder();
        var updates = 0;
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("What is 12 + 7?")], options, Cancellation))
        {
            updates++;
            foreach (var part in update.ContentUpdate) text.Append(part.Text);
        }

        text.ToString().ShouldBe(plain.Content[0].Text);
        updates.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_a_404()
    {
        var other = new ChatClient("no-such-model", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "v1") });

        (await Should.ThrowAsync<ClientResultException>(() => other.CompleteChatAsync([new UserChatMessage("Hello!")], cancellationToken: Cancellation))).Status.ShouldBe(404);
    }
}
