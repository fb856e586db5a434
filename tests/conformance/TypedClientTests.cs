using System.ClientModel;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Gateway.Conformance.Tests;

/// <summary>Clients that ask for a type and get a value of it, unmodified: behaviour 74.</summary>
public sealed class TypedClientTests(RunningGateway gateway)
{
    internal enum Sky
    {
        Clear,
        Cloudy,
    }

    internal sealed record Weather(Sky Sky, int Degrees, bool Windy);

    [Theory, Trait("Behaviour", "74")]
    [InlineData("zod", "openai", "zod")]
    [InlineData("langchain", "@langchain/openai", "zod")]
    [InlineData("langchainTools", "@langchain/openai", "zod")]
    [InlineData("ai", "ai", "@ai-sdk/openai-compatible", "zod")]
    [InlineData("instructor", "openai", "zod")]
    public async Task A_node_package_gets_the_type_that_it_asked_for(string way, params string[] packages)
    {
        Node.Require(packages);
        var made = (await Node.RunAsync("typed.mjs", gateway.Address, way))["made"]!;

        made["sky"]!.ToString().ShouldBeOneOf("clear", "cloudy");
        ((int)made["degrees"]!).ShouldBeInRange(-40, 50);
        made["windy"]!.GetValueKind().ShouldBeOneOf(System.Text.Json.JsonValueKind.True, System.Text.Json.JsonValueKind.False);
    }

    [Fact, Trait("Behaviour", "74")]
    public async Task Microsoft_Extensions_AI_gets_the_type_that_it_asked_for()
    {
        using var client = new OpenAI.Chat.ChatClient("tiny-chat", new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "v1") }).AsIChatClient();
        var answer = await client.GetResponseAsync<Weather>("What is the weather?", new ChatOptions { Temperature = 1, Seed = 1, MaxOutputTokens = 200 }, cancellationToken: Wire.Cancellation);

        answer.TryGetResult(out var weather).ShouldBeTrue(answer.Text);
        Enum.IsDefined(weather!.Sky).ShouldBeTrue();
        JsonNode.Parse(answer.Text)!.AsObject().Count.ShouldBe(3);
    }
}
