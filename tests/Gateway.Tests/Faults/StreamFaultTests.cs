namespace Gateway.Tests.Faults;

/// <summary>Streams: each row of the matrix.</summary>
public class StreamFaultTests
{
    public static TheoryData<string> Faults => Rows.Names(StreamFaults.All);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_stream_whose_upstream(string fault) => Rows.HoldAsync(StreamFaults.All, fault);
}
