namespace Gateway.Tests.Faults;

/// <summary>HTTP/2: each row of the matrix.</summary>
public class Http2FaultTests
{
    public static TheoryData<string> Faults => Rows.Names(Http2Faults.All);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_call_in_http2_whose_upstream(string fault) => Rows.HoldAsync(Http2Faults.All, fault);
}
