namespace Gateway.Tests.Faults;

/// <summary>Plain calls: each row of the matrix.</summary>
public class PlainFaultTests
{
    public static TheoryData<string> Faults => Rows.Names(PlainFaults.All);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_plain_call_whose_upstream(string fault) => Rows.HoldAsync(PlainFaults.All, fault);
}
