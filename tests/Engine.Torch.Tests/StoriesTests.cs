using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Sampling;

namespace Gateway.Engine.Torch.Tests;

/// <summary>A real model of 260,000 parameters, from llama2.c's own file.</summary>
public class StoriesTests
{
    [Fact]
    public async Task Two_hundred_greedy_tokens_are_stable_and_readable()
    {
        using var folder = new TemporaryFolder();
        Llama2cFolder.Write(Shared.Optional("models", "stories260k", "stories260K.bin"), Shared.Optional("models", "stories260k", "tok512.bin"), folder.Path);
        using var model = ModelFolder.Open(folder.Path);
        var runner = TorchRunner.Load(model, new TorchOptions { CacheBytes = 1 << 20 });
        var card = new ModelCard("stories", "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "torch");
        await using var backend = new BatchingBackend(runner, card, new BatchingOptions(), TimeProvider.System);
        var request = new GenerationRequest(model.Tokenizer.Encode("Once upon a time"), SamplingOptions.Greedy, 200, []);
        var cancellation = TestContext.Current.CancellationToken;

        var answers = await Task.WhenAll(backend.Generate([request, request], cancellation).Select(async stream => await stream.Select(e => e.Token).ToArrayAsync(cancellation)));

        answers[1].ShouldBe(answers[0]);
        answers[0].Length.ShouldBe(200);
        var text = model.Tokenizer.Decode(answers[0], skipSpecialTokens: true);
        text.ShouldStartWith(", there was a little girl named Lily. She loved to play outside in the park.");
        text.All(c => char.IsAscii(c) && !(char.IsControl(c) && c != '\n')).ShouldBeTrue(text);
    }
}
