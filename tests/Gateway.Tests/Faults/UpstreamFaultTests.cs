using Gateway.Tests.Doors;
using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>Every row of the matrix, through the gateway and real sockets.</summary>
public class UpstreamFaultTests
{
    public static TheoryData<string> Plain => Names(PlainFaults.All);

    public static TheoryData<string> Streams => Names(StreamFaults.All);

    public static TheoryData<string> Statuses => Names(StatusFaults.All);

    public static TheoryData<string> Http2 => Names(Http2Faults.All);

    [Theory]
    [MemberData(nameof(Plain))]
    public Task A_plain_call_whose_upstream(string fault) => HoldsAsync(PlainFaults.All.Single(row => row.Name == fault));

    [Theory]
    [MemberData(nameof(Streams))]
    public Task A_stream_whose_upstream(string fault) => HoldsAsync(StreamFaults.All.Single(row => row.Name == fault));

    [Theory]
    [MemberData(nameof(Statuses))]
    public Task A_call_whose_upstream(string fault) => HoldsAsync(StatusFaults.All.Single(row => row.Name == fault));

    [Theory]
    [MemberData(nameof(Http2))]
    public Task A_call_in_http2_whose_upstream(string fault) => HoldsAsync(Http2Faults.All.Single(row => row.Name == fault));

    private static async Task HoldsAsync(Fault fault)
    {
        var began = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await fault.Script(connection);
            if (fault.Later is null) return;
            await began.Task;
            await fault.Later(connection);
        });
        await using var door = await FaultyDoor.OpenAsync(fault.Address ?? new Uri(upstream.Address, "v1").ToString(), fault.Settings, fault.Upstream);

        using var answer = await door.ChatAsync("m", fault.Stream);
        var seen = await Outline.OfAsync(answer, began);

        seen.ShouldBe(fault.Seen);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe([fault.Attempts.ToString()]);
        answer.Headers.GetValues("x-request-id").Count().ShouldBe(1);
        if ((int)answer.StatusCode >= 400) answer.Headers.GetValues("x-should-retry").Count().ShouldBe(1);
        if (fault.Recorded.Length > 0) Reasons(await door.Log.LineAsync(" after ")).ShouldBe(fault.Recorded);
        else door.Log.Text.ShouldNotContain(" after ");
        door.Log.Text.ShouldNotContain(Wire.Key);
        door.Log.Text.ShouldNotContain("127.0.0.1:" + upstream.Address.Port);
        door.Log.Text.ShouldNotContain("Exception");
    }

    private static string Reasons(string line) => string.Join(", ", line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", ").Select(attempt => attempt.Split(' ')[1]));

    private static TheoryData<string> Names(IEnumerable<Fault> faults) => [.. faults.Select(fault => fault.Name)];
}
