using System.Buffers;
using System.Text;
using Gateway.Protocol;

namespace Gateway.Client.Tests.Protocol;

public sealed class SseTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "a|b")]
    [InlineData("data: a\r\rdata: b\r\r", "a|b")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData(": ping\n\ndata: a\n: ping\ndata: b\n\n", "a\nb")]
    [InlineData("event: x\nid: 7\nretry: 9\ndata:a\n\n", "a")]
    [InlineData("data:  two\n\n", " two")]
    [InlineData("data\n\n", "")]
    [InlineData("data: a\n\ndata: cut off", "a")]
    [InlineData("data: a\n\ndata: cut off\n", "a")]
    [InlineData("data: é😀\n\n", "é😀")]
    [InlineData("database: no\n\n", null)]
    public async Task Events_are_the_same_however_the_bytes_are_cut(string wire, string? expected)
    {
        var bytes = Encoding.UTF8.GetBytes(wire);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var events = new List<string>();
            await foreach (var data in Sse.ReadAsync(new DrippingStream(bytes, piece))) events.Add(data);
            (events.Count == 0 ? null : string.Join('|', events)).ShouldBe(expected, $"in pieces of {piece}");
        }
    }

    [Theory]
    [InlineData("data: 0123456789")]
    [InlineData("data: 01\ndata: 23\ndata: 45\ndata: 67\n\n")]
    [InlineData(": a comment without an end")]
    public async Task An_event_over_the_bound_is_refused_before_it_is_held(string wire) =>
        await Should.ThrowAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in Sse.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(wire)), 10)) { }
        });

    [Fact]
    public void An_event_and_the_end_are_written_as_OpenAI_does()
    {
        var to = new ArrayBufferWriter<byte>();
        Sse.Write(to, "{}"u8);
        Sse.WriteDone(to);
        Encoding.UTF8.GetString(to.WrittenSpan).ShouldBe("data: {}\n\ndata: [DONE]\n\n");
    }

    /// <summary>Gives at most a few bytes at a time, as a slow network does.</summary>
    private sealed class DrippingStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
