using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults;

/// <summary>How soon an upstream is left after its client left: the median of many calls is held to the contract, each of them to what a busy machine allows.</summary>
public class PromptnessTests
{
    private const int Tries = 30;
    private static readonly TimeSpan Promised = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("plain", false, "1.1")]
    [InlineData("stream", true, "1.1")]
    [InlineData("plain", false, "2.0")]
    [InlineData("stream", true, "2.0")]
    public async Task An_upstream_is_left_within_50_ms_of_its_client_leaving(string call, bool stream, string version)
    {
        await using var upstream = new Watched(stream ? Wire.StreamHead + Wire.Chunk : "");
        await using var door = await FaultyDoor.OpenAsync(upstream.Address);

        await HoldAsync($"{call} over HTTP/{version}", door, stream, version, upstream);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_upstreams_of_a_hedge_are_left_within_50_ms(string version)
    {
        await using var first = new Watched("");
        await using var second = new Watched("");
        await using var door = await Door.OpenAsync(new
        {
            RetryBudget = new { Floor = 1_000 },
            Upstreams = new { u0 = new { first.Address }, u1 = new { second.Address } },
            Models = new { m = new { Targets = (object[])[new { Upstream = "u0" }, new { Upstream = "u1", Order = 1 }], HedgeAfter = "00:00:00.005" } },
        });

        await HoldAsync($"a hedge over HTTP/{version}", door, stream: false, version, first, second);
    }

    private static async Task HoldAsync(string what, Door door, bool stream, string version, params Watched[] upstreams)
    {
        var taken = new List<TimeSpan>();
        for (var warm = -3; warm < Tries; warm++)
        {
            await using var client = version == "2.0" ? (IClient)new Http2Client(door, stream) : await RawClient.AskAsync(door, stream);
            foreach (var upstream in upstreams) await upstream.BegunAsync();
            if (stream) await client.AnsweredAsync();

            var gone = Stopwatch.GetTimestamp();
            await client.LeaveAsync();

            foreach (var upstream in upstreams)
            {
                var elapsed = Stopwatch.GetElapsedTime(gone, await upstream.LeftAsync());
                if (warm >= 0) taken.Add(elapsed);
            }
        }

        taken.Sort();
        var figures = string.Create(CultureInfo.InvariantCulture, $"{what}: median {taken[taken.Count / 2].TotalMilliseconds:F1} ms, slowest {taken[^1].TotalMilliseconds:F1} ms of {taken.Count}");
        TestContext.Current.TestOutputHelper?.WriteLine(figures);
        taken[taken.Count / 2].ShouldBeLessThan(Promised, figures);
        taken[^1].ShouldBeLessThan(Generous, figures);
    }

    /// <summary>An upstream that says so much and no more, and when each of its calls ended.</summary>
    private sealed class Watched : IAsyncDisposable
    {
        private readonly Channel<bool> begun = Channel.CreateUnbounded<bool>();
        private readonly Channel<long> left = Channel.CreateUnbounded<long>();
        private readonly RawUpstream upstream;

        public Watched(string says) => upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(says);
            begun.Writer.TryWrite(true);
            await connection.LeftAsync();
            left.Writer.TryWrite(Stopwatch.GetTimestamp());
        });

        public string Address => new Uri(upstream.Address, "v1").ToString();

        public async Task BegunAsync() => await begun.Reader.ReadAsync();

        public async Task<long> LeftAsync() => await left.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public ValueTask DisposeAsync() => upstream.DisposeAsync();
    }

    private interface IClient : IAsyncDisposable
    {
        /// <summary>Returns when the answer has begun.</summary>
        Task AnsweredAsync();

        Task LeaveAsync();
    }

    /// <summary>Leaves by closing its connection.</summary>
    private sealed class RawClient(RawConnection connection) : IClient
    {
        public static async Task<IClient> AskAsync(Door door, bool stream)
        {
            var connection = await RawConnection.ConnectAsync(door.Address);
            var body = await Door.Body("m", stream).ReadAsStringAsync();
            await connection.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            return new RawClient(connection);
        }

        public async Task AnsweredAsync() => await connection.ReadUntilAsync("\n\n");

        public Task LeaveAsync()
        {
            connection.Dispose();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Leaves by RST_STREAM; its connection stays.</summary>
    private sealed class Http2Client : IClient
    {
        private readonly CancellationTokenSource leaving = new();
        private readonly Task<HttpResponseMessage> answer;

        public Http2Client(Door door, bool stream) => answer = door.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Door.Body("m", stream), Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            HttpCompletionOption.ResponseHeadersRead, leaving.Token);

        public async Task AnsweredAsync() => await answer;

        public async Task LeaveAsync()
        {
            await leaving.CancelAsync();
            if (answer.IsCompletedSuccessfully) (await answer).Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            await answer.ContinueWith(static _ => { }, TaskScheduler.Default);
            leaving.Dispose();
        }
    }
}
