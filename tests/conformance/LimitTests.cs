using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Limits of a key: behaviours 12 and 14.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private const string Path = "v1/chat/completions";
    private static readonly string[] Six = ["x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"];
    private readonly RunningGateway gateway = new();
    private readonly List<Wire> wires = [];

    public async ValueTask InitializeAsync() => await gateway.StartAsync([
        .. Key(0, "calls", "RequestsPerMinute=3", "TokensPerMinute=100000"), .. Key(1, "tokens", "TokensPerMinute=700"), .. Key(2, "money", "BudgetPerMonth=0"), .. Key(3, "places", "MaxConcurrent=1")]);

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in wires) wire.Dispose();
        await gateway.DisposeAsync();
    }

    [Fact, Trait("Behaviour", "14")]
    public async Task Six_headers_say_what_is_left_and_it_becomes_less()
    {
        var wire = With("calls");
        var left = new List<(int Requests, int Tokens)>();
        foreach (var stream in (string[])["false", "true", "false"])
        {
            using var answer = await wire.PostAsync(Path, Wire.Chat($",\"max_tokens\":4,\"stream\":{stream}"));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            var values = Six.Select(name => answer.Headers.GetValues(name).Single()).ToList();
            values[..2].ShouldBe(["3", "100000"]);
            left.Add((int.Parse(values[2], CultureInfo.InvariantCulture), int.Parse(values[3], CultureInfo.InvariantCulture)));
            values[4..].ShouldAllBe(value => value == "1m0s" || value.EndsWith('s') && value.Length >= 2);
            await answer.Content.ReadAsStringAsync(Wire.Cancellation);
        }

        left.Select(each => each.Requests).ShouldBe([2, 1, 0]);
        left.Select(each => each.Tokens).ShouldBeInOrder(SortDirection.Descending);
        left[0].Tokens.ShouldBeInRange(99_900, 99_999);
    }

    [Theory, Trait("Behaviour", "12")]
    [InlineData("calls", 4, "requests")]
    [InlineData("tokens", 0, "tokens")]
    public async Task One_call_too_many_is_told_when_to_come_back(string key, int maxTokens, string type)
    {
        var wire = With(key);
        HttpResponseMessage answer;
        var passed = -1;
        do
        {
            answer = await wire.PostAsync(Path, Wire.Chat($",\"max_tokens\":{(maxTokens > 0 ? maxTokens : 400)}"));
            await answer.Content.ReadAsStringAsync(Wire.Cancellation);
            passed++;
        }
        while (answer.StatusCode == HttpStatusCode.OK && passed < 60);

        passed.ShouldBeInRange(1, 59);
        var error = await Wire.ErrorAsync(answer, HttpStatusCode.TooManyRequests);
        (error["type"]!.ToString(), error["code"]!.ToString(), error["param"]).ShouldBe((type, "rate_limit_exceeded", null));
        error["message"]!.ToString().ShouldMatch(@"^Rate limit reached for `tiny-chat` .*: Limit \d+, Used \d+, Requested \d+\. Please try again in [0-9.ms]+\.$");
        int.Parse(answer.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        int.Parse(answer.Headers.GetValues("retry-after-ms").Single(), CultureInfo.InvariantCulture).ShouldBeInRange(1, 60_000);
        foreach (var name in Six) answer.Headers.Contains(name).ShouldBeTrue(name);
    }

    [Fact]
    public async Task A_spent_budget_is_not_to_be_tried_again()
    {
        using var answer = await With("money").PostAsync(Path, Wire.Chat());
        var error = await Wire.ErrorAsync(answer, HttpStatusCode.TooManyRequests);
        (error["type"]!.ToString(), error["code"]!.ToString()).ShouldBe(("insufficient_quota", "insufficient_quota"));
        answer.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
    }

    [Fact, Trait("Behaviour", "12")]
    public async Task The_official_client_waits_for_a_place_and_is_answered()
    {
        var client = new OpenAI.OpenAIClient(new System.ClientModel.ApiKeyCredential("sk-the-key-of-places"), new OpenAI.OpenAIClientOptions { Endpoint = new Uri(gateway.Address, "v1") }).GetChatClient("tiny-chat");
        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => client.CompleteChatAsync([new OpenAI.Chat.UserChatMessage("What is the opposite of hot?")], new OpenAI.Chat.ChatCompletionOptions { MaxOutputTokenCount = 16 }, Wire.Cancellation)));
        answers.ShouldAllBe(answer => answer.Value.Content.Count > 0);
    }

    private static string[] Key(int number, string name, params string[] limits) =>
        [$"--Gateway:Keys:{number}:Name={name}", $"--Gateway:Keys:{number}:Key=sk-the-key-of-{name}", .. limits.Select(limit => $"--Gateway:Keys:{number}:{limit}")];

    private Wire With(string key)
    {
        var wire = new Wire(gateway.Address);
        wire.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"sk-the-key-of-{key}");
        wires.Add(wire);
        return wire;
    }
}
