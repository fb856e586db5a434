using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Keys: behaviours 1 and 2.</summary>
public sealed partial class KeyTests : IAsyncLifetime
{
    private const string Key = "sk-of-the-conformance-suite";
    private readonly RunningGateway gateway = new();
    private Wire wire = null!;

    public async ValueTask InitializeAsync()
    {
        await gateway.StartAsync("--Gateway:Keys:0:Name=suite", "--Gateway:Keys:0:Key=" + Key);
        wire = new Wire(gateway.Address);
    }

    public async ValueTask DisposeAsync()
    {
        wire?.Dispose();
        await gateway.DisposeAsync();
    }

    [Fact, Trait("Behaviour", "1")]
    public async Task Without_a_key_nothing_is_answered_and_the_way_to_bring_one_is_said()
    {
        using var refused = await wire.PostAsync("v1/chat/completions", Wire.Chat(",\"stream\":true"));
        var error = await Wire.ErrorAsync(refused, HttpStatusCode.Unauthorized);
        (error["type"]!.ToString(), error["param"], error["code"]).ShouldBe(("invalid_request_error", null, null));
        refused.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");

        wire.Http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":1"));
    }

    [Fact, Trait("Behaviour", "2")]
    public async Task A_wrong_key_is_refused_as_the_live_service_does_it()
    {
        wire.Http.DefaultRequestHeaders.Authorization = new("Bearer", "not-a-real-key-but-one-of-enough-length");
        using var refused = await wire.PostAsync("v1/chat/completions", Wire.Chat());
        var error = await Wire.ErrorAsync(refused, HttpStatusCode.Unauthorized);
        error["code"]!.ToString().ShouldBe("invalid_api_key");
        Masked().Match(error["message"]!.ToString()).Value.ShouldBe("Incorrect API key provided: not-a-re***************************ngth.");
        gateway.Log.ShouldNotContain("not-a-real-key");

        foreach (var recorded in Recording.All().Where(recorded => recorded.Status == 401))
        {
            var live = recorded.Answer!["error"]!;
            Masked().IsMatch(live["message"]!.ToString()).ShouldBeTrue();
            foreach (var name in (string[])["type", "param", "code"]) JsonNode.DeepEquals(error[name], live[name]).ShouldBeTrue(name);
        }
    }

    [GeneratedRegex(@"^Incorrect API key provided: .{8}\*+.{4}\.")]
    private static partial Regex Masked();
}
