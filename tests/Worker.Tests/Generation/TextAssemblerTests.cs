using System.Text;
using Gateway.Engine.Backend;
using Gateway.Engine.Models;
using Gateway.Engine.Sampling;
using Gateway.Engine.Text;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Tests.Generation;

public class TextAssemblerTests
{
    [Theory]
    [InlineData("a 🙂 b")]
    [InlineData("日本語 и ещё")]
    public async Task Characters_of_several_tokens_leave_whole_and_the_scores_bytes_are_the_text(string text)
    {
        var (tokenizer, ids) = Encode(text);
        ids.Length.ShouldBeGreaterThan(text.EnumerateRunes().Count() - 3);
        var pieces = await Pieces(tokenizer, ids, FinishReason.Length, []);

        pieces.ShouldAllBe(piece => !piece.Text.Contains('\uFFFD'));
        string.Concat(pieces.Select(piece => piece.Text)).ShouldBe(text);
        Bytes(tokenizer, pieces).ShouldBe(text);
        pieces.Sum(piece => piece.Tokens).ShouldBe(ids.Length);
        pieces[^1].Finish.ShouldBe(FinishReason.Length);
        pieces[..^1].ShouldAllBe(piece => piece.Finish == null);
    }

    [Fact]
    public async Task After_a_stop_string_neither_text_nor_scores_of_what_follows_leave()
    {
        var (tokenizer, ids) = Encode("one two three four five");
        var pieces = await Pieces(tokenizer, ids, null, [" three"]);

        string.Concat(pieces.Select(piece => piece.Text)).ShouldBe("one two");
        Bytes(tokenizer, pieces).ShouldBe("one two");
        pieces[^1].Finish.ShouldBe(FinishReason.Stop);
    }

    [Fact]
    public async Task A_stop_string_that_does_not_come_is_text_at_the_end()
    {
        var (tokenizer, ids) = Encode("one two thr");
        var pieces = await Pieces(tokenizer, ids, FinishReason.Length, [" three"]);

        string.Concat(pieces.Select(piece => piece.Text)).ShouldBe("one two thr");
        Bytes(tokenizer, pieces).ShouldBe("one two thr");
        pieces[^1].Finish.ShouldBe(FinishReason.Length);
    }

    [Fact]
    public async Task A_sequence_that_ends_without_a_reason_is_a_failure()
    {
        var (tokenizer, ids) = Encode("one");
        await Should.ThrowAsync<BackendFailedException>(() => Pieces(tokenizer, ids, null, []));
    }

    [Fact]
    public async Task Choices_merge_in_the_order_of_arrival_and_each_keeps_its_text()
    {
        var (tokenizer, ids) = Encode("one two three four five");
        var choices = Enumerable.Range(0, 5).Select(i => Assemble(i, tokenizer, ids, FinishReason.Length, [])).ToList();
        var merged = new List<Piece>();
        await foreach (var piece in Interleaved.Merge(choices, TestContext.Current.CancellationToken)) merged.Add(piece);

        foreach (var choice in merged.GroupBy(piece => piece.Choice))
            string.Concat(choice.Select(piece => piece.Text)).ShouldBe("one two three four five");
        merged.Select(piece => piece.Choice).Distinct().Count().ShouldBe(5);
    }

    private static (Tokenizer Tokenizer, int[] Ids) Encode(string text)
    {
        using var folder = ModelFolder.Open(Shared.TinyChat);
        return (folder.Tokenizer, folder.Tokenizer.Encode(text));
    }

    private static string Bytes(Tokenizer tokenizer, IEnumerable<Piece> pieces) =>
        Encoding.UTF8.GetString([.. pieces.SelectMany(piece => piece.Released).SelectMany(token => tokenizer.TokenBytes(token.Id).ToArray())]);

    private static IAsyncEnumerable<Piece> Assemble(int choice, Tokenizer tokenizer, int[] ids, FinishReason? finish, string[] stops) => TextAssembler.PiecesAsync(
        choice, Events(ids, finish), new TextStream(tokenizer, []), new StopStrings(stops), gate: null, minTokens: 0, shown: null, TestContext.Current.CancellationToken);

    private static async Task<List<Piece>> Pieces(Tokenizer tokenizer, int[] ids, FinishReason? finish, string[] stops)
    {
        var pieces = new List<Piece>();
        await foreach (var piece in Assemble(0, tokenizer, ids, finish, stops)) pieces.Add(piece);
        return pieces;
    }

    private static async IAsyncEnumerable<TokenEvent> Events(int[] ids, FinishReason? finish)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            await Task.Yield();
            yield return new TokenEvent(ids[i], new TokenLogProbs(ids[i], -1, []), i + 1 == ids.Length ? finish : null);
        }
    }
}
