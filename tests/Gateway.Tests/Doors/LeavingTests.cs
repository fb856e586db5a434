using System.Diagnostics;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Faults;

namespace Gateway.Tests.Doors;

/// <summary>Clients that leave, and clients that have only said all they want to say.</summary>
public class LeavingTests
{
    private const string Chunk = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Rest = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    private const string StreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

    private static string Request(bool stream) => Request($$"""{"model":"m","stream":{{(stream ? "true" : "false")}},"messages":[]}""");

    private static string Request(string body) => $"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_client_that_leaves_ends_its_call_upstream_at_once(bool stream, bool midStream)
    {
        var began = new TaskCompletionSource();
        var left = new TaskCompletionSource<long>();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            if (midStream) await connection.SendAsync(StreamHead + Chunk);
            began.SetResult();
            await connection.LeftAsync();
            left.SetResult(Stopwatch.GetTimestamp());
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using var client = await RawConnection.ConnectAsync(door.Address);
        await client.SendAsync(Request(stream));
        await began.Task;
        if (midStream) await client.ReadUntilAsync("\n\n");

        var gone = Stopwatch.GetTimestamp();
        client.Dispose();

        Stopwatch.GetElapsedTime(gone, await left.Task.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeLessThan(TimeSpan.FromSeconds(2)); // 50 ms on an idle machine
        upstream.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"model\":\"m\"")]
    public async Task One_that_closes_its_side_before_its_body_is_whole_is_told_so(string sent)
    {
        await using var upstream = new RawUpstream(_ => Task.CompletedTask);
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using var client = await RawConnection.ConnectAsync(door.Address);

        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{sent}");
        client.HalfClose();
        var seen = await client.ReadToEndAsync();

        Outline.OfText(seen).ShouldBe("400 invalid_request_error");
        seen.ShouldContain("ended before all of its Content-Length had come");
        upstream.Requests.ShouldBe(0);
        door.Log.Text.ShouldNotContain("Exception");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_half_closed_client_is_answered_in_full(bool stream)
    {
        var halfClosed = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            if (stream) await connection.SendAsync(StreamHead + Chunk);
            await halfClosed.Task;
            await connection.SendAsync(stream ? Rest : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"a\": 1}");
        });
        await using var door = await Door.OpenAsync("m", new { }, upstream.Address);
        using var client = await RawConnection.ConnectAsync(door.Address);
        await client.SendAsync(Request(stream));
        var seen = stream ? await client.ReadUntilAsync("\n\n") : "";

        client.HalfClose();
        seen += await client.ReadUntilAsync(stream ? ": \n\n" : "HTTP/1.1 100 Continue\r\n\r\n"); // the gateway has asked whether it is still there
        halfClosed.SetResult();
        seen += await client.ReadToEndAsync();

        seen.ShouldContain("HTTP/1.1 200 OK");
        seen.ShouldContain(stream ? "[DONE]" : "{\"a\": 1}");
    }
}
