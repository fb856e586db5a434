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
    public void Who_always_loses_the_race_is_known_to_be_slow()
    {
        var (quick, slow) = (new Latency(), new Latency());
        for (var call = 0; call < 64; call++)
        {
            quick.Add(TimeSpan.FromMilliseconds(20));
            slow.AddAtLeast(TimeSpan.FromMilliseconds(70)); // asked first, and outrun by a hedge made after 50 ms
        }

        slow.Average.ShouldBe(0.07, 0.001);
        slow.P50.ShouldBe(TimeSpan.FromMilliseconds(70));
        slow.P95.ShouldBe(TimeSpan.FromMilliseconds(70));
        quick.P95.ShouldBe(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_lower_bound_makes_an_average_longer_and_never_shorter()
    {
        var latency = new Latency();
        Add(latency, 1, 1);

        latency.AddAtLeast(TimeSpan.FromSeconds(0.1)); // says nothing: it takes about a second
        latency.Average.ShouldBe(1);
        latency.AddAtLeast(TimeSpan.FromSeconds(6));
        latency.Average.ShouldBe(2, 0.001);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void Percentiles_of_races_are_those_of_the_target_and_not_of_its_victories(double share)
    {
        // Answers take an exponential time of 100 ms on average; a hedge outruns half of those that take long.
        var chance = new Random(1);
        var (known, victories) = (new List<double>(), new List<double>());
        for (var round = 0; round < 200; round++)
        {
            var (latency, won) = (new Latency(), new Latency());
            for (var call = 0; call < 128; call++)
            {
                var (own, other) = (Exponential(0.1), 0.05 + Exponential(0.1));
                if (own <= other) Add(latency, own);
                else latency.AddAtLeast(TimeSpan.FromSeconds(other));
                if (own <= other) Add(won, own);
            }

            known.Add((share < 0.9 ? latency.P50 : latency.P95)!.Value.TotalSeconds);
            if ((share < 0.9 ? won.P50 : won.P95) is { } of) victories.Add(of.TotalSeconds);
        }

        var truth = -0.1 * Math.Log(1 - share);
        known.Average().ShouldBe(truth, 0.08 * truth);
        victories.Average().ShouldBeLessThan(0.9 * truth);

        double Exponential(double mean) => -mean * Math.Log(1 - chance.NextDouble());
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
