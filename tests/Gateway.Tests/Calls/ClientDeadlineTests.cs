using Gateway.Calls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Calls;

public class ClientDeadlineTests
{
    private readonly FakeTimeProvider time = new();

    private ClientDeadline? Of(params (string Name, string Value)[] headers)
    {
        var given = new HeaderDictionary();
        foreach (var (name, value) in headers) given[name] = value;
        return ClientDeadline.Of(given, time.GetTimestamp(), time);
    }

    [Theory]
    [InlineData("X-Request-Timeout", "2.5", 2.5, true)]
    [InlineData("x-stainless-read-timeout", "600", 600, false)]
    [InlineData("x-stainless-read-timeout", "1.9", 1.9, false)]
    [InlineData("X-Stainless-Timeout", "30", 31, false)] // rounded down by who sends it
    [InlineData("X-Stainless-Timeout", "1", 2, false)]
    public void It_is_read_from_its_headers(string header, string value, double seconds, bool total)
    {
        var deadline = Of((header, value))!;

        deadline.Left(time.GetTimestamp(), time).ShouldBe(TimeSpan.FromSeconds(seconds));
        deadline.IsTotal.ShouldBe(total);
    }

    [Fact]
    public void What_is_meant_for_the_whole_call_goes_first() =>
        Of(("x-stainless-read-timeout", "1"), ("X-Request-Timeout", "9"))!.Left(time.GetTimestamp(), time).ShouldBe(TimeSpan.FromSeconds(9));

    [Fact]
    public void What_is_left_of_it_shrinks_to_nothing()
    {
        var deadline = Of(("X-Request-Timeout", "10"))!;
        time.Advance(TimeSpan.FromSeconds(4));
        deadline.Left(time.GetTimestamp(), time).ShouldBe(TimeSpan.FromSeconds(6));
        time.Advance(TimeSpan.FromSeconds(60));
        deadline.Left(time.GetTimestamp(), time).ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e3")]
    [InlineData("100000")]
    [InlineData("1,2")]
    public void What_is_no_time_is_none(string value) => Of(("X-Request-Timeout", value)).ShouldBeNull();
}
