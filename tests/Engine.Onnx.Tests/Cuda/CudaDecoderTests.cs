using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;
using Microsoft.ML.OnnxRuntime;

namespace Gateway.Engine.Onnx.Tests.Cuda;

/// <summary>Decoders on ONNX Runtime's CUDA provider, against the same numbers and within the same bounds as on a CPU.</summary>
public sealed class CudaDecoderTests
{
    public CudaDecoderTests()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider")) Assert.Skip("needs a GPU and an ONNX Runtime built for CUDA (-p:Accelerator=cuda)");
    }

    [Theory]
    [MemberData(nameof(CompanionSuite.Families), MemberType = typeof(CompanionSuite))]
    public Task In_float32_a_family_s_layers_logits_and_tokens_are_the_reference_s_alone_and_among_others(string family) => WholeSuites.VerifyAsync(new Family(), family);

    [Theory]
    [MemberData(nameof(CompanionSuite.Families), MemberType = typeof(CompanionSuite))]
    public async Task In_8_and_4_bits_a_request_gives_among_others_what_it_gives_alone(string family)
    {
        await new Rounded("q8").Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(family);
        await new Rounded("q4").Sixteen_requests_arriving_at_random_steps_with_shared_prefixes_and_preemption_give_what_each_gives_alone(family);
    }

    [Fact]
    public void Every_variation_gives_the_numbers_of_the_reference() => WholeSuites.Verify(new Variation());

    private static OnnxOptions On(CacheSize cache, string weights = "f32") => new() { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Weights = weights, Device = "cuda" };

    private sealed class Family : FamilySuite
    {
        protected override IModelRunner Load(ModelFolder folder, CacheSize cache, Action<string, float[]>? observe) => OnnxRunner.Load(folder, On(cache), observe);
    }

    private sealed class Variation : VariationSuite
    {
        protected override IModelRunner Load(ModelFolder folder, CacheSize cache) => OnnxRunner.Load(folder, On(cache));
    }

    private sealed class Rounded(string weights) : CompanionSuite
    {
        protected override double Ambiguous => 0.1;

        protected override IModelRunner Load(ModelFolder folder, CacheSize cache) => OnnxRunner.Load(folder, On(cache, weights));
    }
}
