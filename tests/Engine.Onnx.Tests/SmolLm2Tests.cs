using Gateway.Engine.Models;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Onnx.Tests;

/// <summary>A real model from a real GGUF file, in every weight format, against transformers in float32.</summary>
public class SmolLm2Tests
{
    /// <summary>The reference's own perplexity to 0.1 % in float32; rounded weights cost more, and how much is printed.</summary>
    [Theory]
    [InlineData("f32", 0.001)]
    [InlineData("q8", 0.01)]
    [InlineData("q4", 0.25)]
    public async Task The_perplexity_of_the_golden_text_is_the_reference_s(string weights, double within)
    {
        using var folder = ModelFolder.Open(Perplexity.Model);

        var (found, expected) = await Perplexity.OfAsync(OnnxRunner.Load(folder, new OnnxOptions { CacheBytes = 128 << 20, Weights = weights }), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine($"SmolLM2 in {weights}: perplexity {found:F4}, reference {expected:F4}");
        found.ShouldBe(expected, within * expected);
    }
}
