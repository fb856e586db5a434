using Gateway.Engine.Encoders;

namespace Gateway.Engine.Tests.Encoders;

public class DistanceBucketsTests
{
    // The borders of T5's table for 32 buckets.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 1)]
    [InlineData(-7, 7)]
    [InlineData(-8, 8)]
    [InlineData(-11, 8)]
    [InlineData(-12, 9)]
    [InlineData(-15, 9)]
    [InlineData(-16, 10)]
    [InlineData(-23, 11)]
    [InlineData(-63, 13)]
    [InlineData(-64, 14)]
    [InlineData(-91, 15)]
    [InlineData(-128, 15)]
    [InlineData(-5000, 15)]
    [InlineData(1, 17)]
    [InlineData(8, 24)]
    [InlineData(127, 31)]
    public void Near_distances_have_their_own_and_far_ones_share(int distance, int bucket) => DistanceBuckets.Of(distance, 32).ShouldBe(bucket);
}
