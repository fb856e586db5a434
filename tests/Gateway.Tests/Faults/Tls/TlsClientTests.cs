using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults.Tls;

/// <summary>Clients that speak TLS.</summary>
public class TlsClientTests
{
    [Theory]
    [InlineData("1.1", false, "200 whole")]
    [InlineData("1.1", true, "200 data ×2, [DONE]")]
    [InlineData("2.0", false, "200 whole")]
    [InlineData("2.0", true, "200 data ×2, [DONE]")]
    public async Task A_client_that_speaks_tls_is_answered_in_the_version_that_it_offers(string version, bool stream, string seen)
    {
        await using var upstream = new RawUpstream(Wire.Closes(stream ? Wire.StreamHead + Wire.Chunk + Wire.Last + Wire.Done : Wire.Plain(Wire.Answer)));
        await using var tls = await TlsDoor.OpenAsync(upstream.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream), Version = new Version(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await tls.Door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        answer.Version.ShouldBe(new Version(version));
        (await Outline.OfAsync(answer)).ShouldBe(seen);
    }

    [Theory]
    [InlineData("NONSENSE\r\n\r\n", "400 invalid_request_error")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400 invalid_request_error")]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", "505 invalid_request_error")]
    [InlineData(null, "431 invalid_request_error")]
    public async Task What_the_web_server_refuses_in_tls_has_an_error_object(string? request, string seen)
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var tls = await TlsDoor.OpenAsync(upstream.Address);
        using var client = await tls.ConnectAsync();

        await client.SendAsync(request ?? $"GET / HTTP/1.1\r\nHost: a\r\nx: {new string('x', 40_000)}\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        Outline.OfText(answer).ShouldBe(seen);
        answer.ShouldContain("x-request-id: req_");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_half_closed_in_tls_is_answered_in_full(bool stream)
    {
        var halfClosed = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            if (stream) await connection.SendAsync(Wire.StreamHead + Wire.Chunk);
            await halfClosed.Task;
            await connection.SendAsync(stream ? Wire.Last + Wire.Done : Wire.Plain(Wire.Answer));
        });
        await using var tls = await TlsDoor.OpenAsync(upstream.Address);
        using var client = await tls.ConnectAsync();
        var body = $$"""{"model":"m","stream":{{(stream ? "true" : "false")}}}""";
        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var seen = stream ? await client.ReadUntilAsync("\n\n\r\n") : "";

        await client.HalfCloseAsync();
        seen += await client.ReadUntilAsync(stream ? ": \n\n\r\n" : "HTTP/1.1 100 Continue\r\n\r\n"); // the gateway has asked whether it is still there
        halfClosed.SetResult();
        seen += await client.ReadToEndAsync();

        Outline.OfText(seen).ShouldBe(stream ? "200 data, comment, data, [DONE]" : "200 whole");
    }

    [Fact]
    public async Task A_client_that_closes_its_side_in_tls_before_its_body_is_whole_is_told_so()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var tls = await TlsDoor.OpenAsync(upstream.Address);
        using var client = await tls.ConnectAsync();

        await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{");
        await client.HalfCloseAsync();

        Outline.OfText(await client.ReadToEndAsync()).ShouldBe("400 invalid_request_error");
        upstream.Requests.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_in_tls_ends_its_call_upstream(bool stream)
    {
        var began = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            if (stream) await connection.SendAsync(Wire.StreamHead + Wire.Chunk);
            began.SetResult();
            await connection.LeftAsync();
            left.SetResult();
        });
        await using var tls = await TlsDoor.OpenAsync(upstream.Address);
        using var client = await tls.ConnectAsync();
        var body = $$"""{"model":"m","stream":{{(stream ? "true" : "false")}}}""";
        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await began.Task;
        if (stream) await client.ReadUntilAsync("\n\n\r\n");

        client.Dispose();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
        upstream.Requests.ShouldBe(1);
    }
}
