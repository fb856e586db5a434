using Gateway.Engine.Backend;
using Gateway.Worker.Models;

namespace Gateway.Worker.Tests;

public class FingerprintTests
{
    [Fact]
    public void It_tells_weights_format_and_engine_apart_and_not_the_published_name()
    {
        using var runner = new SuccessorRunner(3072, 256);
        var card = new ModelCard("a", "llama", 3072, 256, "torch");
        string gpt2 = Shared.Golden("models", "gpt2"), llama = Shared.Golden("models", "llama3");
        var found = Fingerprint.Of(card, "auto;cpu", gpt2, runner);

        found.ShouldMatch("^fp_[0-9a-f]{10}$");
        Fingerprint.Of(card with { Name = "b" }, "auto;cpu", gpt2, runner).ShouldBe(found);
        Fingerprint.Of(card, "q8;cpu", gpt2, runner).ShouldNotBe(found);
        Fingerprint.Of(card with { Engine = "onnx" }, "auto;cpu", gpt2, runner).ShouldNotBe(found);
        Fingerprint.Of(card, "auto;cpu", llama, runner).ShouldNotBe(found);
    }
}
