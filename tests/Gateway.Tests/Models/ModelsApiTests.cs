using System.Net;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;

namespace Gateway.Tests.Models;

public class ModelsApiTests
{
    private const string Key = "sk-of-team-a-000000000001";

    private static Task<Door> OpenAsync() => Door.OpenAsync(new
    {
        Upstreams = new { u = new { Address = "http://127.0.0.1:9/v1" } },
        Models = new Dictionary<string, object> { ["org/name"] = Model, ["a b"] = Model, ["pattern-*"] = Model },
        Keys = new[] { new { Name = "a", Key } },
    });

    private static object Model => new { Targets = new[] { new { Upstream = "u" } } };

    [Theory]
    [InlineData("org/name", "org/name")]
    [InlineData("org%2Fname", "org/name")]
    [InlineData("org%2fname?a=/b", "org/name")]
    [InlineData("%6frg/name", "org/name")]
    [InlineData("a%20b", "a b")]
    [InlineData("pattern-%25", "pattern-%")]
    [InlineData("pattern-%252F", "pattern-%2F")]
    [InlineData("pattern-a%2Fb%2520c/d", "pattern-a/b%20c/d")]
    public async Task A_name_is_decoded_once(string path, string name)
    {
        await using var door = await OpenAsync();

        using var answer = await AskAsync(door, HttpMethod.Get, "v1/models/" + path);

        ((string)(await answer.JsonAsync())["id"]!).ShouldBe(name);
    }

    [Theory]
    [InlineData("v1/models/org%252Fname")]
    [InlineData("v1/models/a%2520b")]
    [InlineData("v1/engines/org%252Fname")]
    public async Task And_not_twice(string path)
    {
        await using var door = await OpenAsync();

        using var answer = await AskAsync(door, HttpMethod.Get, path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string)(await answer.ErrorAsync())["code"]!).ShouldBe("model_not_found");
        answer.Headers.GetValues("x-should-retry").ShouldBe(["false"]);
    }

    [Theory]
    [InlineData("org%2Fname", HttpStatusCode.BadGateway)]
    [InlineData("org%252Fname", HttpStatusCode.NotFound)]
    public async Task Nor_where_it_stands_in_the_middle_of_a_path(string engine, HttpStatusCode status)
    {
        await using var door = await OpenAsync();

        using var answer = await AskAsync(door, HttpMethod.Post, $"v1/engines/{engine}/completions", """{"prompt":"a"}""");

        answer.StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData("health/live", HttpStatusCode.OK)]
    [InlineData("health/ready", HttpStatusCode.OK)]
    [InlineData("v1/models", HttpStatusCode.OK)]
    [InlineData("v1/models/org/name", HttpStatusCode.OK)]
    [InlineData("v1/models/nobodys", HttpStatusCode.NotFound)]
    [InlineData("v1/engines", HttpStatusCode.OK)]
    [InlineData("v1/chat/completions", HttpStatusCode.MethodNotAllowed)]
    public async Task Head_is_answered_as_get_is_without_a_body(string path, HttpStatusCode status)
    {
        await using var door = await OpenAsync();

        using var answer = await AskAsync(door, HttpMethod.Head, path);

        answer.StatusCode.ShouldBe(status);
        (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    private static Task<HttpResponseMessage> AskAsync(Door door, HttpMethod method, string path, string? json = null) => door.AskAsync(method, path, Key, json);
}
