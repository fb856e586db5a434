using Gateway.Routing;

namespace Gateway.Tests.Routing;

public class LatencyTests
{
    private static void Add(Latency latency, params IEnumerable<double> seconds)
    {
        foreach (var value in seconds) latency.Add(TimeSpan.FromSeconds(value));
    }

    [Fact]
    public void The_percentile_is_known_after_sixteen()
    {
        var latency = new Latency();
        Add(latency, Enumerable.Range(1, 15).Select(at => (double)at));
        latency.P95.ShouldBeNull();

        Add(latency, 16);

        latency.P95.ShouldBe(TimeSpan.FromSeconds(16));
    }

    [Fact]
    public void It_is_of_the_last_128()
    {
        var latency = new Latency();
        Add(latency, Enumerable.Repeat(100.0, 500));
        Add(latency, Enumerable.Range(1, 128).Select(at => at / 128.0));

        latency.P95!.Value.TotalSeconds.ShouldBe(122 / 128.0, 0.001);
    }

    [Fact]
    public void The_average_follows_what_is_new()
    {
        var latency = new Latency();
        latency.Average.ShouldBe(0);
        Add(latency, 1);
        latency.Average.ShouldBe(1);
        Add(latency, 2);
        latency.Average.ShouldBe(1.2, 0.001);
        Add(latency, Enumerable.Repeat(3.0, 50));
        latency.Average.ShouldBe(3, 0.001);
    }
}
