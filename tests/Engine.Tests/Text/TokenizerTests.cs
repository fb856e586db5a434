using System.Diagnostics;
using System.Text;
using Gateway.Engine.Models;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

public sealed class TokenizerTests
{
    private static readonly Tokenizer s_tiny = Goldens.Load(Shared.TinyChat);

    [Fact]
    public void The_embedded_model_reads_back_what_it_wrote()
    {
        const string Text = "Hello, wörld! 你好 👍🏽\n\n  def f(x):\n\treturn x";
        var ids = s_tiny.Encode(Text, false);
        s_tiny.Decode(ids, true).ShouldBe(Text);
        ids.SelectMany(id => s_tiny.TokenBytes(id).ToArray()).ToArray().ShouldBe(Encoding.UTF8.GetBytes(Text));
        var stream = new TextStream(s_tiny, []);
        (string.Concat(ids.Select(stream.Append)) + stream.Flush()).ShouldBe(Text);
    }

    [Fact]
    public void A_guard_disarms_a_special_token_and_disappears()
    {
        foreach (var special in s_tiny.SpecialTokens)
        {
            s_tiny.TryGetId(special, out var id).ShouldBeTrue();
            s_tiny.Encode($"a{special}b", false).ShouldContain(id);
            var disarmed = s_tiny.Encode($"a{special.Insert(1, Tokenizer.Guard.ToString())}b", false);
            disarmed.ShouldNotContain(id);
            s_tiny.Decode(disarmed, false).ShouldBe($"a{special}b");
        }
    }

    [Fact]
    public void A_guard_leaves_other_special_tokens_and_astral_characters_alone()
    {
        var special = s_tiny.SpecialTokens[0];
        s_tiny.TryGetId(special, out var id).ShouldBeTrue();
        var ids = s_tiny.Encode($"{special}{special.Insert(1, Tokenizer.Guard.ToString())}\U0010FFFF{special}", false);
        ids.Count(one => one == id).ShouldBe(2);
        s_tiny.Decode(ids, false).ShouldBe($"{special}{special}\U0010FFFF{special}");
    }

    [Fact]
    public void A_guard_disarms_one_occurrence_also_where_tokens_are_matched_after_normalization()
    {
        var tokenizer = Tokenizer.FromJson("""
            {"normalizer":{"type":"Lowercase"},"added_tokens":[{"id":3,"content":"<A>","special":true,"normalized":true}],
             "model":{"type":"BPE","vocab":{"<":0,"a":1,">":2},"merges":[]}}
            """u8.ToArray(), "tokenizer.json");
        tokenizer.Encode($"<A>a<{Tokenizer.Guard}A><A>").ShouldBe([3, 1, 0, 1, 2, 3]);
    }

    [Fact]
    public void A_plain_reading_finds_no_special_token() =>
        s_tiny.Encode(string.Concat(s_tiny.SpecialTokens), false, false).Any(s_tiny.IsSpecial).ShouldBeFalse();

    [Fact]
    public void Unknown_ids_stand_for_nothing()
    {
        s_tiny.Decode([-1, int.MaxValue, s_tiny.Count], false).ShouldBe("");
        s_tiny.TokenBytes(-1).Length.ShouldBe(0);
        s_tiny.TokenText(s_tiny.Count).ShouldBeNull();
    }

    [Fact]
    public void Half_a_surrogate_pair_is_read_as_the_replacement_character() =>
        s_tiny.Decode(s_tiny.Encode("a\uD800b", false), false).ShouldBe("a\uFFFDb");

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        var steps = string.Concat(Enumerable.Repeat("""{"type":"Sequence","normalizers":[""", 25)) + string.Concat(Enumerable.Repeat("]}", 25));
        var json = $$$"""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{{{steps}}}}""";
        Should.Throw<ModelFolderException>(() => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json), "t.json")).Message.ShouldContain("nested");
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped()
    {
        var tokenizer = Tokenizer.FromJson("""
            {"model":{"type":"BPE","vocab":{"a":0},"merges":[]},
             "pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a|aa)+$x"},"behavior":"Isolated"}}
            """u8.ToArray(), "some/tokenizer.json");
        Should.Throw<ModelFolderException>(() => tokenizer.Encode(new string('a', 200))).Message.ShouldStartWith("some/tokenizer.json: ");
    }

    [Fact]
    public async Task Many_threads_get_the_same_ids()
    {
        var tokenizer = Goldens.Load(Shared.TinyChat); // a cold cache
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"The lighthouse {i} counted {i * 7} ships, naïvely.")];
        var expected = texts.Select(text => s_tiny.Encode(text)).ToArray();
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => texts.Select(text => tokenizer.Encode(text)).ToArray())));
        foreach (var ids in all) ids.ShouldBe(expected);
    }

    [Fact]
    public void A_stream_of_broken_bytes_comes_out_in_the_end_without_waiting_for_it()
    {
        s_tiny.TryGetId("\u00e2", out var half).ShouldBeTrue(); // the byte E2, of a character of three
        var stream = new TextStream(s_tiny, []);
        var pieces = Enumerable.Range(0, 600).Select(_ => stream.Append(half)).ToList();
        pieces.Count(piece => piece.Length > 0).ShouldBe(2);
        (string.Concat(pieces) + stream.Flush()).ShouldBe(new string('\uFFFD', 600));
    }

    [Fact]
    public void A_special_token_read_as_text_is_passed_over_whole() // as in the reference, which goes on after the whole match
    {
        var tokenizer = Tokenizer.FromJson("""
            {"added_tokens":[{"id":3,"content":"<a>","special":false,"normalized":false},{"id":4,"content":"<a><a>","special":true,"normalized":false}],
             "model":{"type":"BPE","vocab":{"<":0,"a":1,">":2},"merges":[]}}
            """u8.ToArray(), "tokenizer.json");
        tokenizer.Encode("<a><a><a>", true, false).ShouldBe([0, 1, 2, 0, 1, 2, 3]);
        tokenizer.Encode("<a><a><a>").ShouldBe([4, 3]);
    }

    [Fact]
    public void One_letter_a_hundred_thousand_times_takes_near_linear_time()
    {
        s_tiny.Encode(new string('a', 1000), false);
        var clock = Stopwatch.StartNew();
        s_tiny.Encode(new string('a', 100_000), false).Length.ShouldBeLessThan(100_001);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5)); // a quadratic merge takes minutes
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"model":[]}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}}} x""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2000000000},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[7]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[],"unk_id":0}}""")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",0]],"unk_id":9}}""")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0},"unk_token":"[UNK]"}}""")]
    [InlineData("""{"model":{"type":"Other","vocab":{"a":0}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Other"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"["},"behavior":"Isolated"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":7}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"normalizer":{"type":"Precompiled","precompiled_charsmap":"////////"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[7]}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"added_tokens":[{"id":0,"content":"b"}]}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}],"special_tokens":{}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",1000000000]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\x{FFFFFFFFF}"},"behavior":"Isolated"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"padding":{"strategy":{"Fixed":2000000000},"pad_id":0}}""")]
    public void A_file_of_the_wrong_shape_is_refused_by_name(string json) =>
        Should.Throw<ModelFolderException>(() => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json), "some/tokenizer.json")).Message.ShouldStartWith("some/tokenizer.json: ");
}
