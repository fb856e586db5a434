using Gateway.Calls;

namespace Gateway.Tests.Calls;

public class IdentifiersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Identifiers_sort_by_their_time_also_within_a_millisecond()
    {
        var made = Enumerable.Range(0, 10_000).Select(microsecond => Identifiers.New(Noon.AddMicroseconds(microsecond)).ToString("N")).ToList();

        made.Order(StringComparer.Ordinal).ShouldBe(made);
        made.Distinct().Count().ShouldBe(made.Count);
    }

    [Fact]
    public void An_identifier_is_one_of_version_7_and_holds_its_time()
    {
        var made = Identifiers.New(Noon.AddTicks(9_999));

        (made.Version, made.Variant >> 2).ShouldBe((7, 2));
        Convert.ToInt64(made.ToString("N")[..12], 16).ShouldBe(Noon.ToUnixTimeMilliseconds());
    }
}
