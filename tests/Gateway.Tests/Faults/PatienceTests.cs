using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Configuration;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Faults;

/// <summary>Clients that are slow, that leave, or that have a time of their own.</summary>
public class PatienceTests
{
    [Fact]
    public async Task A_client_that_leaves_while_a_retry_waits_gets_no_further_attempt_and_its_attempt_is_recorded()
    {
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.Plain("{}", "429 Too Many Requests", "retry-after-ms: 4500\r\n"));
            await connection.LeftAsync();
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        var client = await RawConnection.ConnectAsync(door.Address);
        await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\n{\"model\":\"m\"}");
        var health = door.Services.GetRequiredService<LiveSettings>().Current.Catalogue.Find("m")!.Targets[0].Health;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (health.State(TimeProvider.System.GetTimestamp()) != "ejected") await timer.WaitForNextTickAsync();

        client.Dispose();

        (await door.Log.LineAsync(" after ")).ShouldContain("u0 http_429"); // said when the call is over, long before the wait is
        upstream.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task A_time_limit_goes_upstream_as_what_remains_of_it_and_ends_in_504()
    {
        var received = new TaskCompletionSource<string>();
        await using var upstream = new RawUpstream(async connection =>
        {
            received.TrySetResult(await connection.ReadRequestAsync());
            await connection.LeftAsync();
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m") };
        request.Headers.Add("X-Request-Timeout", "0.4");

        using var answer = await door.Http.SendAsync(request);

        (await Outline.OfAsync(answer)).ShouldBe("504 deadline_exceeded");
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe(["1"]);
        double.Parse((await received.Task).Split("X-Request-Timeout: ")[1].Split('\r')[0], CultureInfo.InvariantCulture).ShouldBeInRange(0.0, 0.4);
    }

    [Fact]
    public async Task A_client_that_drips_its_body_is_answered()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var client = await RawConnection.ConnectAsync(door.Address);

        await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n");
        (await client.ReadUntilAsync("\r\n\r\n")).ShouldStartWith("HTTP/1.1 100 ");
        foreach (var one in "{\"model\":\"m\"}") await client.SendAsync(one.ToString());

        Outline.OfText(await client.ReadToEndAsync()).ShouldBe("200 whole");
    }

    [Fact]
    public async Task A_client_that_reads_slowly_holds_its_upstream_up_and_gets_everything()
    {
        const int chunks = 4_000;
        var large = Wire.Chunk.Replace("\"a\"", $"\"{new string('x', 8_000)}\"", StringComparison.Ordinal);
        var sent = 0;
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.StreamHead);
            for (sent = 0; sent < chunks; sent++) await connection.SendAsync(large);
            await connection.SendAsync(Wire.Last + Wire.Done);
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString(), new { Timeouts = new { Idle = "00:00:00.3" } });
        using var answer = await door.ChatAsync("m", stream: true);
        await using var body = await answer.Content.ReadAsStreamAsync();

        // It does not read until the upstream has made no progress for longer than an idle upstream may take.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(700));
        for (var before = -1; before != Volatile.Read(ref sent);)
        {
            before = Volatile.Read(ref sent);
            await timer.WaitForNextTickAsync();
        }

        sent.ShouldBeLessThan(chunks); // 32 MB are in nobody's memory
        using var reader = new StreamReader(body);
        Outline.Events(await reader.ReadToEndAsync()).ShouldBe($"data ×{chunks + 1}, [DONE]");
    }

    [Fact]
    public async Task A_client_that_takes_gzip_gets_plain_answers_compressed()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m") };
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));

        using var answer = await door.Http.SendAsync(request);

        answer.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var plain = new System.IO.Compression.GZipStream(await answer.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        (await reader.ReadToEndAsync()).ShouldBe(Wire.Answer);
    }

    [Theory]
    [InlineData(false, "200 whole")]
    [InlineData(true, "200 data ×2, [DONE]")]
    public async Task A_client_that_speaks_http2_with_prior_knowledge_is_answered(bool stream, string seen)
    {
        await using var upstream = new RawUpstream(Wire.Closes(stream ? Wire.StreamHead + Wire.Chunk + Wire.Last + Wire.Done : Wire.Plain(Wire.Answer)));
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream), Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        answer.Version.ShouldBe(new Version(2, 0));
        (await Outline.OfAsync(answer)).ShouldBe(seen);
    }

    [Theory]
    [InlineData("", null, "200 comment, error upstream_error")]
    [InlineData(Wire.ErrorEvent, null, "200 comment, error upstream_error")]
    [InlineData("<html>", null, "200 comment, error upstream_error")]
    [InlineData(null, null, "200 comment, error upstream_timeout")]
    [InlineData(null, "12", "200 comment, error deadline_exceeded")]
    public async Task A_client_that_waited_behind_comments_is_told_of_a_failure_by_one_event(string? then, string? deadline, string seen)
    {
        var time = new LaterTime();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            time.Late = TimeSpan.FromSeconds(11);
            await connection.SendAsync(Wire.StreamHead + ": still here\n\n" + then);
            if (then is null) await connection.LeftAsync();
            else connection.Dispose();
        });
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString(), new { Retries = 0, Timeouts = new { FirstToken = deadline is null ? "00:00:00.5" : "00:01:00" } }, services: services => services.AddSingleton<TimeProvider>(time));
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream: true) };
        if (deadline is not null) request.Headers.Add("X-Request-Timeout", deadline);

        using var answer = await door.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        (await Outline.OfAsync(answer)).ShouldBe(seen);
        answer.Headers.GetValues("x-gateway-upstream").ShouldBe(["u0"]);
    }

    // As much later as it is told; timers run as ever.
    private sealed class LaterTime : TimeProvider
    {
        private long late;

        public TimeSpan Late
        {
            set => Volatile.Write(ref late, (long)(value.TotalSeconds * TimestampFrequency));
        }

        public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref late);
    }
}
