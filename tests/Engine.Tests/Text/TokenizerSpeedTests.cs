using System.Diagnostics;
using System.Text;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

public sealed class TokenizerSpeedTests
{
    /// <summary>The bound is far below what an idle core does (the room's README): it catches quadratic time, not a busy machine.</summary>
    [Theory]
    [InlineData("smollm2"), InlineData("gpt2"), InlineData("cl100k"), InlineData("o200k"), InlineData("mistral-v1")]
    public void Prose_is_encoded_fast(string name)
    {
        var json = Goldens.Unzip(name);
        var clock = Stopwatch.StartNew();
        var tokenizer = Tokenizer.FromJson(json, name);
        var loading = clock.Elapsed;
        var readme = File.ReadAllText(Shared.Golden("tokenizers", "README.md")) + File.ReadAllText(Shared.Golden("models", "README.md"));
        var text = new StringBuilder();
        while (text.Length < 1_000_000) text.Append(readme);
        tokenizer.Encode(readme, false);
        clock.Restart();
        tokenizer.Encode(text.ToString(), false);
        var rate = text.Length / 1e6 / clock.Elapsed.TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: loaded in {loading.TotalMilliseconds:F0} ms, {rate:F1} MB/s");
        rate.ShouldBeGreaterThan(0.02);
    }
}
