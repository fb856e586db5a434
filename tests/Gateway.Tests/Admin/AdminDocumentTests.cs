using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Doors;
using Gateway.Tests.Keys;

namespace Gateway.Tests.Admin;

/// <summary>What the admin API says of itself.</summary>
public sealed class AdminDocumentTests : IAsyncLifetime
{
    private const string Key = "the-admin-key";
    private Door door = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => door = await Door.OpenAsync(new { AdminKey = Key });

    public ValueTask DisposeAsync() => door.DisposeAsync();

    [Fact]
    public async Task Every_route_of_the_admin_api_is_in_the_document_with_its_answer_and_none_other()
    {
        using var answer = await door.AskAsync(HttpMethod.Get, "admin/v1/openapi.json", Key);
        var document = await answer.JsonAsync();

        var routes = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (Name: $"{operation.Key.ToUpperInvariant()} {path.Key}", Operation: operation.Value!))).ToList();
        foreach (var route in (string[])["GET /admin/v1/keys", "POST /admin/v1/keys", "GET /admin/v1/keys/{id}", "PATCH /admin/v1/keys/{id}", "DELETE /admin/v1/keys/{id}", "POST /admin/v1/keys/{id}/rotate", "GET /admin/v1/audit", "GET /admin/v1/upstreams", "GET /admin/v1/queues"])
        {
            var operation = routes.ShouldContainOnce(route);
            operation["summary"]!.ToString().ShouldNotBeEmpty(route);
            var schema = operation["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]!.ToString();
            document["components"]!["schemas"]![schema.Split('/')[^1]].ShouldNotBeNull(route);
        }

        routes.ShouldAllBe(route => route.Name.Contains(" /admin/v1/") || route.Name.Contains(" /v1/organization/"));
        document["components"]!["schemas"]!["KeyEntry"]!["properties"]!.AsObject().Select(member => member.Key).ShouldContain("requests_per_minute");
        document["paths"]!["/admin/v1/keys"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!["properties"]!["models"]!["type"]!.ToString().ShouldBe("array");
        document["security"]!.ToJsonString().ShouldBe("""[{"key":[]}]""");
    }

    [Fact]
    public async Task The_page_comes_whole_from_the_gateway_and_may_talk_to_nobody_else()
    {
        using var page = await door.AskAsync(HttpMethod.Get, "admin/v1/docs/", key: null, json: null, ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + Key))));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync(Cancellation);

        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        string.Join(' ', page.Headers.GetValues("Content-Security-Policy")).ShouldContain("connect-src 'self'");
        html.ShouldContain("openapi.json");
        var scripts = Regex.Matches(html, "<script[^>]* src=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToList();
        scripts.ShouldNotBeEmpty();
        foreach (var script in scripts)
        {
            script.ShouldNotContain("//");
            using var text = await door.AskAsync(HttpMethod.Get, new Uri(new Uri(door.Address, "admin/v1/docs/"), script).PathAndQuery, Key);
            text.StatusCode.ShouldBe(HttpStatusCode.OK, script);
        }
    }

    [Theory]
    [InlineData("admin/v1/docs/", "Basic")]
    [InlineData("admin/v1/openapi.json", "Basic")]
    [InlineData("admin/v1/keys", "Bearer")]
    public async Task A_browser_is_asked_for_the_key_where_it_shows_a_page_and_nowhere_else(string path, string scheme)
    {
        foreach (var credentials in (string?[])[null, "Basic " + Convert.ToBase64String("me:wrong-key"u8), "Basic !", "Basic " + Convert.ToBase64String("me"u8)])
        {
            using var refused = await door.AskAsync(HttpMethod.Get, path, key: null, json: null, credentials is null ? [] : [("Authorization", credentials)]);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            refused.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe(scheme);
        }

        using var asPassword = await door.AskAsync(HttpMethod.Get, path, key: null, json: null, ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + Key))));
        asPassword.IsSuccessStatusCode.ShouldBe(scheme == "Basic");
    }
}

file static class Once
{
    public static JsonNode ShouldContainOnce(this IEnumerable<(string Name, JsonNode Operation)> routes, string name) => routes.Where(route => route.Name == name).ShouldHaveSingleItem().Operation;
}
