using Gateway.Engine.Measures;

namespace Gateway.Engine.Tests.Measures;

public class HistogramTests
{
    [Fact]
    public void A_value_counts_within_the_first_bound_that_it_does_not_exceed_and_within_all_above()
    {
        var histogram = new Histogram(1, 2, 5);

        foreach (var value in (double[])[0, 1, 1.5, 5, 6]) histogram.Observe(value);

        histogram.Cumulative().ShouldBe([2, 3, 4, 5]);
        histogram.Sum.ShouldBe(13.5);
    }

    [Theory]
    [InlineData(1, new double[] { 1 })]
    [InlineData(400, new double[] { 1, 2, 5, 10, 20, 50, 100, 200 })]
    [InlineData(1_000, new double[] { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000 })]
    public void Bounds_of_tokens_end_with_the_context(int context, double[] expected) => Bounds.Tokens(context).ShouldBe(expected);
}
