namespace Gateway.Tests.Faults;

/// <summary>Statuses of failure: each row of the matrix.</summary>
public class StatusFaultTests
{
    public static TheoryData<string> Faults => Rows.Names(StatusFaults.All);

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_call_whose_upstream(string fault) => Rows.HoldAsync(StatusFaults.All, fault);
}
