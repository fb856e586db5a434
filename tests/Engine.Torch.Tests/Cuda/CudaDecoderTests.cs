using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests.Cuda;

/// <summary>Decoders on a GPU, against the same numbers and within the same bounds as on a CPU.</summary>
public sealed class CudaDecoderTests
{
    public CudaDecoderTests() => Gpu.Require();

    [Theory]
    [MemberData(nameof(CompanionSuite.Families), MemberType = typeof(CompanionSuite))]
    public Task In_float32_a_family_s_layers_logits_and_tokens_are_the_reference_s_alone_and_among_others(string family) => WholeSuites.VerifyAsync(new Family(), family);

    [Theory]
    [MemberData(nameof(CompanionSuite.Families), MemberType = typeof(CompanionSuite))]
    public Task In_bfloat16_a_request_gives_among_others_what_it_gives_alone(string family) =>
        new Bfloat16().Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(family);

    /// <summary>Checkpoints stored in 16 bits among them.</summary>
    [Fact]
    public void Every_variation_gives_the_numbers_of_the_reference() => WholeSuites.Verify(new Variation());

    private static TorchRunner Load(ModelFolder folder, CacheSize cache, string weights = "f32") =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = weights, Device = "cuda" });

    private sealed class Family : FamilySuite
    {
        protected override IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe)
        {
            var runner = CudaDecoderTests.Load(folder, cache);
            if (observe is not null) runner.Observer = (name, rows) => observe(name, rows.contiguous().cpu().data<float>().ToArray());
            return runner;
        }
    }

    private sealed class Variation : VariationSuite
    {
        protected override IModelRunner Load(ModelFolder folder, CacheSize cache) => CudaDecoderTests.Load(folder, cache);
    }

    /// <summary>cuBLAS chooses another kernel for another number of rows, so the last bit of a product may differ between a request alone and among others.</summary>
    private sealed class Bfloat16 : CompanionSuite
    {
        protected override double Ambiguous => 0.05;

        protected override IModelRunner Load(ModelFolder folder, CacheSize cache) => CudaDecoderTests.Load(folder, cache, "bf16");
    }
}
