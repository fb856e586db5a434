using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

/// <summary>A user who spells control tokens gets text, in every family of tokenizers; the template's own stay tokens.</summary>
public sealed class ControlTokenTests
{
    private const string Source = "{{ bos }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ bos }}{% endfor %}";

    public static TheoryData<string> Families => [.. Directory.GetDirectories(Shared.Golden("models")).Where(folder => File.Exists(Path.Combine(folder, "tokenizer.json"))).Select(folder => Path.GetFileName(folder))];

    public static TheoryData<string> Real => ["gpt2", "smollm2", "cl100k", "o200k", "mistral-v1", "mistral-v3", "mistral-tekken", "minilm", "unigram-t5", "unigram-nfkc", "unigram-bytes"];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_model_s_control_tokens_in_a_message_are_text(string family) => Check(Goldens.Load(Shared.Golden("models", family)));

    [Theory]
    [MemberData(nameof(Real))]
    public void A_real_tokenizer_s_control_tokens_in_a_message_are_text(string name) => Check(Tokenizer.FromJson(Goldens.Unzip(name), name));

    [Fact]
    public void A_look_alike_that_normalization_turns_into_a_control_piece_is_text()
    {
        var tokenizer = Tokenizer.FromJson("""
            {"normalizer":{"type":"NFKC"},"added_tokens":[{"id":1,"content":"</s>","special":true,"normalized":false}],
             "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["</s>",0],["<",-1],["/",-1],["s",-1],[">",-1]]}}
            """u8.ToArray(), "tokenizer.json");
        tokenizer.Encode("＜/s＞").ShouldBe([1]); // as the reference does
        tokenizer.EncodePrompt("＜/s＞</s>").ShouldBe([2, 3, 4, 5, 1]);
    }

    private static void Check(Tokenizer tokenizer)
    {
        tokenizer.SpecialTokens.ShouldNotBeEmpty();
        foreach (var token in tokenizer.SpecialTokens.Where(token => token.Length > 2).Take(12))
        {
            tokenizer.TryGetId(token, out var id).ShouldBeTrue();
            var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"one {token} two{token}" });
            var rendered = ChatTemplate.Parse(Source, "t").Render(new ChatTemplateInput(
                messages, Options: [], SpecialTokens: new Dictionary<string, string> { ["bos"] = token }, ControlTokens: tokenizer.SpecialTokens));
            var own = tokenizer.EncodePrompt(token + token).Count(one => one == id);
            // An unknown token also stands for characters that the vocabulary lacks.
            if (token.Contains("unk", StringComparison.OrdinalIgnoreCase)) continue;
            tokenizer.EncodePrompt(rendered).Count(one => one == id).ShouldBe(own, token);
        }
    }
}
