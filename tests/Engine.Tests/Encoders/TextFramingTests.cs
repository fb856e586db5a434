using Gateway.Engine.Encoders;
using Gateway.Engine.Models;

namespace Gateway.Engine.Tests.Encoders;

public class TextFramingTests
{
    [Theory]
    [InlineData(5, 9, 10, 5, 5)]
    [InlineData(3, 9, 10, 3, 7)]
    [InlineData(9, 3, 10, 7, 3)]
    [InlineData(9, 9, 11, 5, 6)]
    [InlineData(30, 1, 10, 9, 1)]
    [InlineData(4, 4, 0, 0, 0)]
    public void Of_two_texts_the_longer_is_cut_first(int first, int second, int room, int keptFirst, int keptSecond) =>
        TextFraming.LongestFirst(first, second, room).ShouldBe((keptFirst, keptSecond));

    [Fact]
    public void A_text_is_cut_inside_its_frame_and_its_full_length_is_known()
    {
        var framing = Framing("bert-mean");
        var whole = framing.Text("What is the capital of France?", "", 128);
        var cut = framing.Text("What is the capital of France?", "", 5);

        whole.IsCut.ShouldBeFalse();
        whole.Input.Tokens.ToArray().ShouldBe([2, 170, 114, 119, 260, 161, 266, 20, 3]);
        cut.IsCut.ShouldBeTrue();
        cut.FullLength.ShouldBe(9);
        cut.Input.Tokens.ToArray().ShouldBe([2, 170, 114, 119, 3]);
        framing.Text("hello", "", 1).Input.Tokens.ToArray().ShouldBe([2, 3]);
    }

    [Fact]
    public void Token_ids_get_the_frame_unless_they_have_it()
    {
        var framing = Framing("bert-mean");
        framing.Tokens([28, 183], 128).Input.Tokens.ToArray().ShouldBe([2, 28, 183, 3]);
        framing.Tokens([2, 28, 183, 3], 128).Input.Tokens.ToArray().ShouldBe([2, 28, 183, 3]);
        framing.Tokens([2, 28, 183, 3], 3).Input.Tokens.ToArray().ShouldBe([2, 28, 3]);
        framing.Tokens([3], 128).Input.Tokens.ToArray().ShouldBe([2, 3, 3]);
    }

    [Fact]
    public void The_end_token_of_a_decoder_survives_the_cut()
    {
        var framing = Framing("qwen3-lasttoken");
        framing.Text("", "", 8).Input.Tokens.ToArray().ShouldBe([0]);
        framing.Text("hello hello hello", "", 3).Input.Tokens.ToArray()[^1].ShouldBe(0);
    }

    [Fact]
    public void Prompt_tokens_are_counted_only_where_pooling_leaves_them_out()
    {
        Framing("xlmr-cls").Text("hello", "query: ", 128).Input.PromptTokens.ShouldBe(0);
        var apart = Framing("xlmr-cls", folder => folder with { PoolsPrompt = false });
        apart.Text("hello", "query: ", 128).Input.PromptTokens.ShouldBeGreaterThan(1);
        apart.Text("hello", "", 128).Input.PromptTokens.ShouldBe(0);
    }

    private static TextFraming Framing(string name, Func<EncoderFolder, EncoderFolder>? change = null)
    {
        using var folder = ModelFolder.Open(Shared.Golden("embeddings", name));
        var read = EncoderFolder.Read(folder);
        return new TextFraming(folder.Tokenizer, change?.Invoke(read) ?? read);
    }
}
