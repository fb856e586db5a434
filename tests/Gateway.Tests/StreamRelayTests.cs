using System.Text;
using Gateway.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Tests;

public class StreamRelayTests
{
    private const string Chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n";
    private const string Last = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    private const string Done = "data: [DONE]\n\n";

    /// <summary>What the client sees of a stream that comes in these parts and ends, or breaks.</summary>
    private static async Task<(string Text, Attempt Outcome)> RelayAsync(bool breaks, params string[] parts)
    {
        var seen = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(seen));
        http.Features.Set<IHttpResponseFeature>(new Started(seen));
        var outcome = await new StreamRelay("m").CopyAsync(new PartsStream(parts, breaks), http, TestContext.Current.CancellationToken);
        return (Encoding.UTF8.GetString(seen.ToArray()), outcome);
    }

    [Fact]
    public async Task A_good_stream_passes_byte_for_byte()
    {
        var (text, outcome) = await RelayAsync(false, ": a comment\n\n" + Chunk, Chunk[..20], Chunk[20..] + Last + Done);

        text.ShouldBe(": a comment\n\n" + Chunk + Chunk + Last + Done);
        outcome.Failed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_finished_stream_without_its_mark_gets_it()
    {
        (await RelayAsync(false, Chunk, Last)).Text.ShouldBe(Chunk + Last + Done);
    }

    [Fact]
    public async Task Nothing_follows_the_mark()
    {
        (await RelayAsync(true, Chunk, Last + Done + Chunk)).Text.ShouldBe(Chunk + Last + Done);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_breaks_ends_in_one_error_event_and_no_mark(bool breaks)
    {
        var (text, outcome) = await RelayAsync(breaks, Chunk, Chunk[..30]);

        text.ShouldStartWith(Chunk + "data: {\"error\":{");
        text.Split("\"error\"").Length.ShouldBe(2);
        text.ShouldEndWith("\n\n");
        text.ShouldNotContain("[DONE]");
        outcome.ShouldBe(outcome with { Failed = true, Committed = true });
    }

    [Fact]
    public async Task An_error_event_of_the_upstream_is_the_end()
    {
        const string Error = "data: {\"error\":{\"message\":\"x\"}}\n\n";

        (await RelayAsync(false, Chunk, Error)).Text.ShouldBe(Chunk + Error);
    }

    [Fact]
    public async Task A_stream_that_breaks_before_its_first_event_may_be_asked_for_again()
    {
        var (text, outcome) = await RelayAsync(true);

        text.ShouldBeEmpty();
        outcome.ShouldBe(outcome with { Failed = true, Committed = false });
    }

    private sealed class Started(Stream body) : HttpResponseFeature
    {
        public override bool HasStarted => body.Length > 0;
    }

    private sealed class PartsStream(string[] parts, bool breaks) : MemoryStream
    {
        private int next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (next == parts.Length) return breaks ? throw new IOException("the connection was reset") : ValueTask.FromResult(0);
            var bytes = Encoding.UTF8.GetBytes(parts[next++]);
            bytes.CopyTo(buffer);
            return ValueTask.FromResult(bytes.Length);
        }
    }
}
