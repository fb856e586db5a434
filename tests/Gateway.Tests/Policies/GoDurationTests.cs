using Gateway.Policies;

namespace Gateway.Tests.Policies;

public class GoDurationTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.2, "1ms")]
    [InlineData(2, "2ms")]
    [InlineData(999.4, "1s")]
    [InlineData(1_000, "1s")]
    [InlineData(18_642, "18.642s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(61_500, "1m1.5s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(86_400_000, "24h0m0s")]
    [InlineData(-5, "0s")]
    public void Times_are_written_as_clients_know_them(double milliseconds, string text) => GoDuration.Text(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);
}
