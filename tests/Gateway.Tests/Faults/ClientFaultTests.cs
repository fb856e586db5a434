using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults;

/// <summary>Every request of the list, byte for byte.</summary>
public class ClientFaultTests
{
    public static TheoryData<string> Faults => [.. ClientFaults.All.Select(fault => fault.Name)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_client_that(string fault)
    {
        var row = ClientFaults.All.Single(row => row.Name == fault);
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var door = await FaultyDoor.OpenAsync(new Uri(upstream.Address, "v1").ToString());
        using var client = await RawConnection.ConnectAsync(door.Address);

        await client.SendAsync(row.Request);
        var answer = await client.ReadToEndAsync();

        Outline.OfText(answer).ShouldBe(row.Seen);
        upstream.Requests.ShouldBe(row.Attempts);
        answer.ShouldContain("x-request-id: ");
        if (!row.Seen.StartsWith('2')) answer.ShouldContain("x-should-retry: false");
        door.Log.Text.ShouldNotContain("Exception");
    }
}
