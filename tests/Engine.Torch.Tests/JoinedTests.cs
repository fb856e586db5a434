using Gateway.Engine.Models;
using Gateway.Engine.Runner;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>Sequences that attend together, as on a GPU, but computed here: each gives what it gives alone.</summary>
public sealed class JoinedTests : CompanionSuite
{
    protected override IModelRunner Load(ModelFolder folder, CacheSize cache) =>
        TorchRunner.Load(folder, new TorchOptions { BlockSize = cache.BlockSize, BlockCount = cache.BlockCount, Device = "cpu", Join = true });

    [Theory]
    [InlineData("llama3")]
    [InlineData("bloom")]
    [InlineData("gemma2")]
    [InlineData("mistral")]
    public void Logits_together_are_those_of_one_call_each(string family)
    {
        using var model = new GoldenModel(family);
        var ids = GoldenModel.Ids(model.Golden["long"]!["prompt_ids"]);
        var lengths = (int[])[3, 40, 41, 17];
        Decode(model, ids, lengths, join: true).Zip(Decode(model, ids, lengths, join: false)).Max(pair => Math.Abs(pair.First - pair.Second)).ShouldBeLessThan(1e-4f);
    }

    /// <summary>Prompts of these lengths, each in blocks of its own that lie backwards; then one token more of each, in one pass.</summary>
    private static float[] Decode(GoldenModel model, int[] ids, int[] lengths, bool join)
    {
        const int Blocks = 12;
        using var runner = TorchRunner.Load(model.Folder, new TorchOptions { BlockSize = 4, BlockCount = Blocks * lengths.Length, Device = "cpu", Join = join });
        var blocks = lengths.Select((_, s) => Enumerable.Range(s * Blocks, Blocks).Reverse().ToArray()).ToArray();
        runner.Forward([.. lengths.Select((length, s) => new Slice(s, ids.AsMemory(0, length), 0, blocks[s], 0, length + 1))], []);
        var logits = new float[lengths.Length * runner.Shape.Vocabulary];
        runner.Forward([.. lengths.Select((length, s) => new Slice(s, ids.AsMemory(length, 1), length, blocks[s], 1, length + 1))], logits);
        return logits;
    }
}
