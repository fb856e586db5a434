using System.Net;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;
using Gateway.Tests.Faults.Tls;

namespace Gateway.Tests.Faults;

/// <summary>Clients that speak HTTP/2, in TLS and without.</summary>
public class Http2ClientTests
{
    [Theory]
    [InlineData(false, 1, 40_000, "431 invalid_request_error", 0)]
    [InlineData(true, 1, 40_000, "431 invalid_request_error", 0)]
    [InlineData(false, 150, 10, "431 invalid_request_error", 0)]
    [InlineData(true, 150, 10, "431 invalid_request_error", 0)]
    [InlineData(false, 1, 20_000, "200 whole", 1)]
    [InlineData(true, 90, 200, "200 whole", 1)]
    public async Task Headers_that_are_too_large_or_too_many_in_http2_are_refused_with_an_error_object(bool tls, int lines, int size, string seen, int asked)
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var scene = await OpenAsync(upstream, tls);
        using var request = Request(stream: false);
        for (var line = 0; line < lines; line++) request.Headers.Add($"x-{line}", new string('x', size));

        using var answer = await scene.Door.Http.SendAsync(request);

        (await Outline.OfAsync(answer)).ShouldBe(seen);
        answer.Headers.GetValues("x-request-id").Count().ShouldBe(1);
        upstream.Requests.ShouldBe(asked);
        using var next = await scene.Door.Http.SendAsync(Request(stream: false)); // the connection goes on
        (await Outline.OfAsync(next)).ShouldBe("200 whole");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_client_that_leaves_one_stream_of_http2_ends_that_call_upstream_and_no_other(bool tls, bool midStream)
    {
        var began = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            if (!request.Contains("\"n\":7", StringComparison.Ordinal))
            {
                await connection.SendAsync(Wire.StreamHead + Wire.Chunk);
                await left.Task;
                await connection.SendAsync(Wire.Last + Wire.Done);
                return;
            }

            if (midStream) await connection.SendAsync(Wire.StreamHead + Wire.Chunk);
            began.SetResult();
            await connection.LeftAsync();
            left.SetResult();
        });
        await using var scene = await OpenAsync(upstream, tls);
        using var other = await scene.Door.Http.SendAsync(Request(stream: true), HttpCompletionOption.ResponseHeadersRead);
        using var leave = new CancellationTokenSource();
        using var leaving = Request(stream: true, ",\"n\":7");
        var call = scene.Door.Http.SendAsync(leaving, HttpCompletionOption.ResponseHeadersRead, leave.Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30));
        if (midStream)
        {
            using var answer = await call;
            await (await answer.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[10]);
        }
        else
        {
            await leave.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => call);
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
        (await Outline.OfAsync(other)).ShouldBe("200 data ×2, [DONE]");
        upstream.Requests.ShouldBe(2);
    }

    // What clients that heed SETTINGS_MAX_HEADER_LIST_SIZE never send.
    [Theory]
    [InlineData(100_000, "431")]
    [InlineData(140_000, "GOAWAY")] // known by the last frame: what is not read makes a reset, which may overtake the GOAWAY
    public async Task Headers_beyond_what_the_web_server_takes_get_its_bare_431_and_far_beyond_end_the_connection(int size, string seen)
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using var client = await RawConnection.ConnectAsync(door.Address);
        var lines = "\u0083\u0086\u0084\u0041\u0001a" + string.Concat(Enumerable.Repeat("\0\u0001x\u007f\u00c9\u004d" + new string('y', 10_056), size / 10_000)); // POST http://a/, and lines of 10,056 bytes each
        var frames = lines.Chunk(16_000).Select(part => new string(part)).ToList();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Http2Faults.Frame(4, 0, 0, ""));
        for (var at = 0; at < frames.Count; at++) await client.SendAsync(Http2Faults.Frame(at == 0 ? 1 : 9, (at == 0 ? 1 : 0) | (at == frames.Count - 1 ? 4 : 0), 1, frames[at]));

        var answered = seen == "431" ? await client.ReadUntilAsync("431") : await client.ReadUntilAsync("\u0007\0\0\0\0\0"); // a GOAWAY's frame begins so

        if (seen == "GOAWAY") answered.ShouldNotContain("431");
        answered.ShouldNotContain("HTTP/1.1");
        upstream.Requests.ShouldBe(0);
    }

    private static HttpRequestMessage Request(bool stream, string more = "") =>
        new(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream, more), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static async Task<Scene> OpenAsync(RawUpstream upstream, bool tls)
    {
        var secure = tls ? await TlsDoor.OpenAsync(upstream.Address) : null;
        return new Scene(secure?.Door ?? await Door.OpenAsync("m", new { }, upstream.Address), secure);
    }

    private sealed record Scene(Door Door, TlsDoor? Tls) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Tls?.DisposeAsync() ?? Door.DisposeAsync();
    }
}
