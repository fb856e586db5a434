using System.Net;
using Gateway.Tests.Keys;

namespace Gateway.Tests.Doors;

/// <summary>What the headers of a call say that nobody was asked for.</summary>
public class RefusalTests
{
    private const string Key = "sk-of-team-a-000000000001";
    private const string Good = """{"model":"m","messages":[]}""";

    [Theory]
    [InlineData(null, Good, 401)]
    [InlineData("sk-of-nobody-00000000000001", Good, 401)]
    [InlineData(Key, "{", 400)]
    [InlineData(Key, """{"messages":[]}""", 400)]
    [InlineData(Key, """{"model":"m","stream":"true"}""", 400)]
    [InlineData(Key, """{"model":"x"}""", 404)]
    [InlineData(Key, """{"model":"m","messages":"0123456789012345678901234567890123456789012345678901234567890123456789"}""", 413)]
    public async Task An_error_before_a_model_is_known_says_that_nobody_was_asked(string? key, string body, int status)
    {
        await using var door = await OpenAsync();

        using var answer = await door.AskAsync(HttpMethod.Post, "v1/chat/completions", key, body);

        ((int)answer.StatusCode).ShouldBe(status);
        Said(answer).ShouldBe(("0", null, null));
        answer.Headers.Contains("x-should-retry").ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[]}""", 429)]
    [InlineData("""{"model":"other","store":true}""", 400)]
    public async Task One_after_that_names_the_model_too(string body, int status)
    {
        await using var door = await OpenAsync();

        using var answer = await door.AskAsync(HttpMethod.Post, "v1/chat/completions", Key, body);

        ((int)answer.StatusCode).ShouldBe(status);
        Said(answer).ShouldBe(("0", "m", null));
    }

    [Theory]
    [InlineData("POST", "v1/nothing")]
    [InlineData("PUT", "v1/chat/completions")]
    [InlineData("GET", "v1/models/x")]
    public async Task What_is_no_call_of_a_model_says_nothing_of_it(string method, string path)
    {
        await using var door = await OpenAsync();

        using var answer = await door.AskAsync(new HttpMethod(method), path, Key);

        answer.IsSuccessStatusCode.ShouldBeFalse();
        Said(answer).ShouldBe((null, null, null));
    }

    private static Task<Door> OpenAsync() => Door.OpenAsync(new
    {
        Upstreams = new { u = new { Address = "http://127.0.0.1:9/v1" } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u" } }, Aliases = new[] { "other" } } },
        Keys = new[] { new { Name = "a", Key, TokensPerMinute = 1 } },
        Limits = new { MaxRequestBodyBytes = 80 },
        StoredCompletions = new { Enabled = false },
    });

    private static (string? Attempts, string? Model, string? Upstream) Said(HttpResponseMessage answer) => (One(answer, "attempts"), One(answer, "model"), One(answer, "upstream"));

    private static string? One(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues("x-gateway-" + name, out var values) ? values.Single() : null;
}
