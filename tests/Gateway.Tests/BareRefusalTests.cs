using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests;

public sealed class BareRefusalTests
{
    [Theory]
    [InlineData("NONSENSE\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505)]
    public async Task What_the_web_server_refuses_has_an_error_object(string request, int status)
    {
        var (head, body) = await SendAsync(request);
        head.ShouldStartWith($"HTTP/1.1 {status} ");
        head.ShouldContain("x-request-id: req_");
        head.ShouldContain($"Content-Length: {body.Length}\r\n");
        JsonNode.Parse(body)!["error"]!["type"]!.GetValue<string>().ShouldBe("invalid_request_error");
    }

    [Fact]
    public async Task Headers_that_are_too_large_are_431_with_an_error_object()
    {
        var (head, body) = await SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nx: {new string('x', 40_000)}\r\n\r\n");
        head.ShouldStartWith("HTTP/1.1 431 ");
        JsonNode.Parse(body)!["error"]!["message"]!.GetValue<string>().ShouldContain("headers");
    }

    [Fact]
    public async Task An_empty_answer_of_the_application_stays_empty()
    {
        var (head, body) = await SendAsync("GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        head.ShouldStartWith("HTTP/1.1 404 ");
        body.ShouldBeEmpty();
    }

    private static async Task<(string Head, string Body)> SendAsync(string request)
    {
        var stop = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(BareRefusals.Complete));
        await using var app = builder.Build();
        app.Run(http =>
        {
            http.Response.StatusCode = 404;
            http.Response.ContentLength = 0;
            http.Response.Headers["x-request-id"] = "req_1";
            return Task.CompletedTask;
        });
        await app.StartAsync(stop);
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port, stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var parts = (await reader.ReadToEndAsync(stop)).Split("\r\n\r\n", 2);
        return (parts[0] + "\r\n", parts[1]);
    }
}
