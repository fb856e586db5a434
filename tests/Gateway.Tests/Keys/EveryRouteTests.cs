using System.Net;
using Gateway.Tests.Doors;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Keys;

/// <summary>No route without a key, but health.</summary>
public class EveryRouteTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("sk-nobodys-key-00000000000000")]
    public async Task Every_route_that_there_is_asks_for_a_key_but_health(string? key)
    {
        await using var door = await Door.OpenAsync(new { Keys = new[] { new { Name = "a", Key = "sk-of-team-a-000000000001" } }, BruteForce = new { Free = 1_000, Most = 1_000 } });
        var routes = door.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        routes.Count.ShouldBeGreaterThan(25);
        var open = new List<string>();

        foreach (var route in routes)
        {
            var pattern = "/" + route.RoutePattern.RawText!.TrimStart('/');
            var path = System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]*\}", "x");
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var answer = await door.AskAsync(new HttpMethod(method), path, key, method is "GET" or "HEAD" or "DELETE" ? null : "{}");
                if (answer.StatusCode != HttpStatusCode.Unauthorized) open.Add($"{method} {path}");
                else answer.Headers.WwwAuthenticate.ShouldNotBeEmpty(path);
            }
        }

        open.Order().ShouldBe(["GET /admin/v1/session", "GET /health/live", "GET /health/ready", "HEAD /health/live", "HEAD /health/ready"]); // the first says only that a key is needed
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/nothing/there")]
    [InlineData("DELETE", "/v1/models")]
    [InlineData("OPTIONS", "/v1/models")]
    [InlineData("GET", "/V1/Models")]
    [InlineData("GET", "//v1/models")]
    [InlineData("GET", "/admin/v1/nothing")]
    [InlineData("GET", "/healthy")]
    public async Task What_no_route_answers_asks_for_one_too(string method, string path)
    {
        await using var door = await Door.OpenAsync(new { Keys = new[] { new { Name = "a", Key = "sk-of-team-a-000000000001" } } });

        using var answer = await door.AskAsync(new HttpMethod(method), door.Address.GetLeftPart(UriPartial.Authority) + path, key: null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
