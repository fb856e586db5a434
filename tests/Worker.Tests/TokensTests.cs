using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

public sealed class TokensTests : IAsyncLifetime
{
    private Surface surface = null!;

    public async ValueTask InitializeAsync() => surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]));

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Theory]
    [InlineData("/v1/tokenize", "prompt")]
    [InlineData("/tokenize", "content")]
    public async Task A_text_is_tokens_and_these_are_the_text_again(string path, string field)
    {
        const string Text = "Grüße <|im_end|> 🙂";
        var answer = await surface.AnswerAsync(path, $$"""{"model":"tiny-chat","{{field}}":{{JsonValue.Create(Text).ToJsonString()}},"return_token_strs":true}""");
        answer["tokens"]!.AsArray().Select(id => (int)id!).ShouldBe(surface.Model.Tokenizer.Encode(Text));
        ((int)answer["count"]!).ShouldBe(answer["tokens"]!.AsArray().Count);
        answer["token_strs"]!.AsArray().Count.ShouldBe((int)answer["count"]!);
        answer["token_strs"]!.AsArray().Select(text => text!.ToString()).ShouldContain("<|im_end|>");
        ((int)answer["max_model_len"]!).ShouldBe(256);

        var back = await surface.AnswerAsync(path.Replace("tokenize", "detokenize", StringComparison.Ordinal), $$"""{"model":"tiny-chat","tokens":{{answer["tokens"]!.ToJsonString()}}}""");
        back["prompt"]!.ToString().ShouldBe(Text);
        back["content"]!.ToString().ShouldBe(Text);
    }

    [Fact]
    public async Task Control_tokens_in_a_text_are_text_when_asked_and_pieces_are_text_or_bytes()
    {
        var plain = await surface.AnswerAsync("/v1/tokenize", """{"model":"tiny-chat","prompt":"<|im_end|>","parse_special":false}""");
        plain["tokens"]!.AsArray().Select(id => (int)id!).ShouldNotContain(2);
        var pieces = await surface.AnswerAsync("/tokenize", """{"model":"tiny-chat","content":"a🙂","with_pieces":true}""");
        pieces["tokens"]!.AsArray().ShouldContain(piece => piece!["piece"] is JsonArray);
        pieces["tokens"]![0]!["piece"]!.ToString().ShouldBe("a");
    }

    [Fact]
    public async Task A_conversation_is_rendered_as_the_answer_s_own_prompt()
    {
        var rendered = await surface.AnswerAsync("/v1/chat/render", Surface.Chat(",\"temperature\":0.5"));
        var answer = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(",\"return_token_ids\":true"));
        var tokens = await surface.AnswerAsync("/v1/tokenize", Surface.Chat());

        rendered["prompt"]!.ToString().ShouldEndWith("<|im_start|>assistant\n");
        rendered["tokens"]!.ToJsonString().ShouldBe(answer["prompt_token_ids"]!.ToJsonString());
        tokens["tokens"]!.ToJsonString().ShouldBe(answer["prompt_token_ids"]!.ToJsonString());
        ((int)rendered["count"]!).ShouldBe((int)answer["usage"]!["prompt_tokens"]!);
    }

    [Theory]
    [InlineData("/v1/tokenize", "", "prompt")]
    [InlineData("/v1/tokenize", ",\"prompt\":1", "prompt")]
    [InlineData("/v1/detokenize", "", "tokens")]
    [InlineData("/v1/detokenize", ",\"tokens\":[1,3072]", "tokens[1]")]
    [InlineData("/v1/chat/render", ",\"messages\":[]", "messages")]
    public async Task What_is_missing_or_wrong_is_named(string path, string extra, string param) =>
        (await surface.RefusedAsync(path, "{\"model\":\"tiny-chat\"" + extra + "}"))["param"]!.ToString().ShouldBe(param);
}
