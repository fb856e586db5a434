using Gateway.Engine.Encoders;

namespace Gateway.Engine.Tests.Encoders;

public class ReadoutTests
{
    private static readonly float[] Rows = [1, -4, 5, 2, 3, 8]; // three tokens of two dimensions

    [Theory]
    [InlineData(PoolingMode.Mean, 3, 2)]
    [InlineData(PoolingMode.Max, 5, 8)]
    [InlineData(PoolingMode.MeanSqrtLength, 5.196152, 3.464102)]
    [InlineData(PoolingMode.WeightedMean, 20.0 / 6, 4)]
    public void Pooling_is_sentence_transformers_s(PoolingMode mode, double first, double second)
    {
        var vector = new Readout(2, [mode], []).Apply(Rows);
        ((double)vector[0]).ShouldBe(first, 1e-5);
        ((double)vector[1]).ShouldBe(second, 1e-5);
    }

    [Fact]
    public void First_and_last_ask_for_one_row_and_several_poolings_stand_side_by_side()
    {
        new Readout(2, [PoolingMode.Cls], []).Rows.ShouldBe(EncodedRows.First);
        new Readout(2, [PoolingMode.LastToken], []).Rows.ShouldBe(EncodedRows.Last);
        var both = new Readout(2, [PoolingMode.Cls, PoolingMode.Max, PoolingMode.LastToken], []);
        both.Rows.ShouldBe(EncodedRows.All);
        both.Width.ShouldBe(6);
        both.Apply(Rows).ShouldBe([1, -4, 5, 8, 3, 8]);
    }

    [Fact]
    public void A_prompt_that_is_not_pooled_is_left_out_but_never_everything()
    {
        var mean = new Readout(2, [PoolingMode.Mean], []);
        mean.Apply(Rows, promptTokens: 1).ShouldBe([4, 5]);
        mean.Apply(Rows, promptTokens: 9).ShouldBe([3, 8]);
    }

    [Fact]
    public void Steps_follow_each_other_and_a_vector_of_zeros_stays_when_normalized()
    {
        var readout = new Readout(2, [PoolingMode.Cls], [new DenseStep([1, 0, 0, 1, 1, 1], [0, 4, 0], 3, DenseActivation.Relu), new NormalizeStep()]);
        readout.Width.ShouldBe(3);
        readout.Apply([3, -4]).ShouldBe([1, 0, 0]);
        new NormalizeStep().Apply([0, 0]).ShouldBe([0, 0]);
    }

    [Theory]
    [InlineData(DenseActivation.Gelu, 1, 0.8413447)]
    [InlineData(DenseActivation.Gelu, -0.5, -0.1542687)]
    [InlineData(DenseActivation.Silu, 1, 0.7310586)]
    [InlineData(DenseActivation.Tanh, 1, 0.7615942)]
    [InlineData(DenseActivation.Sigmoid, 1, 0.7310586)]
    public void Activations_have_their_known_values(DenseActivation activation, float x, double expected) =>
        ((double)new DenseStep([1], null, 1, activation).Apply([x])[0]).ShouldBe(expected, 1e-6);

    [Fact]
    public void A_layer_norm_has_mean_zero_and_variance_one_before_weight_and_bias()
    {
        var vector = new LayerNormStep([1, 2, 1], [0, 0, 10], 0).Apply([1, 2, 3]);
        ((double)vector[0]).ShouldBe(-1.2247449, 1e-5);
        ((double)vector[1]).ShouldBe(0, 1e-5);
        ((double)vector[2]).ShouldBe(11.2247449, 1e-5);
    }
}
