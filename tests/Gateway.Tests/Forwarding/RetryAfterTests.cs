using Gateway.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Forwarding;

public class RetryAfterTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));

    private TimeSpan? Of(params (string Name, string Value)[] headers)
    {
        using var answer = new HttpResponseMessage();
        foreach (var (name, value) in headers) answer.Headers.TryAddWithoutValidation(name, value);
        return RetryAfter.Of(answer, time);
    }

    [Theory]
    [InlineData("Retry-After", "3", 3)]
    [InlineData("Retry-After", "0", 0)]
    [InlineData("Retry-After", "1.5", 1.5)]
    [InlineData("Retry-After", "7200", 7_200)]
    [InlineData("Retry-After", "86399.5", 86_399.5)]
    [InlineData("Retry-After", "999999999999", 86_400)]
    [InlineData("Retry-After", "Sat, 28 Nov 2026 00:00:00 GMT", 43_200)]
    [InlineData("Retry-After", "Fri, 27 Nov 2026 12:00:09 GMT", 9)]
    [InlineData("Retry-After", "Fri, 27 Nov 2026 11:00:00 GMT", 0)]
    [InlineData("retry-after-ms", "250", 0.25)]
    [InlineData("x-ms-retry-after-ms", "12.5", 0.0125)]
    public void Seconds_dates_and_milliseconds_are_understood(string name, string value, double seconds) => Of((name, value)).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("Retry-After", "soon")]
    [InlineData("Retry-After", "-1")]
    [InlineData("Retry-After", "")]
    [InlineData("retry-after-ms", "NaN")]
    [InlineData("retry-after-ms", "-5")]
    public void What_is_no_time_says_nothing(string name, string value) => Of((name, value)).ShouldBeNull();

    [Fact]
    public void Milliseconds_go_before_seconds() => Of(("Retry-After", "1"), ("retry-after-ms", "120")).ShouldBe(TimeSpan.FromMilliseconds(120));

    [Fact]
    public void Silence_says_nothing() => Of().ShouldBeNull();
}
