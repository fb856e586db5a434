using Gateway.Tests.Doors;
using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>Holds a row of the matrix true, through the gateway and real sockets.</summary>
internal static class Rows
{
    public static TheoryData<string> Names(IEnumerable<Fault> faults) => [.. faults.Select(fault => fault.Name)];

    public static async Task HoldAsync(IEnumerable<Fault> faults, string name)
    {
        var fault = faults.Single(row => row.Name == name);
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

    public static string Reasons(string line) => string.Join(", ", line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", ").Select(attempt => attempt.Split(' ')[1]));
}
