using Gateway.ResponseCache;
using Microsoft.Extensions.Time.Testing;



namespace Gateway.Tests.ResponseCache;

public sealed class MemoryAnswersTests
{
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_was_not_asked_for_longest_goes_first()
    {
        var store = new MemoryAnswers(3 * 1_512, time);
        foreach (var key in (string[])["a", "b", "c"]) store.Keep(key, Answer(1_000), TimeSpan.FromHours(1));
        _ = await store.FindAsync("a", Test);
        store.Keep("d", Answer(1_000), TimeSpan.FromHours(1));

        (await store.FindAsync("b", Test)).ShouldBeNull();
        foreach (var key in (string[])["a", "c", "d"]) (await store.FindAsync(key, Test)).ShouldNotBeNull();
        store.Bytes.ShouldBe(3 * 1_512);
    }

    [Fact]
    public async Task One_that_is_too_old_is_gone_and_gives_its_bytes_back()
    {
        var store = new MemoryAnswers(1 << 20, time);
        store.Keep("a", Answer(10), TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(4.9));
        (await store.FindAsync("a", Test)).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(0.2));
        (await store.FindAsync("a", Test)).ShouldBeNull();
        store.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task The_same_question_kept_again_takes_its_place_only_once()
    {
        var store = new MemoryAnswers(1 << 20, time);
        store.Keep("a", Answer(10), TimeSpan.FromSeconds(5));
        store.Keep("a", Answer(20), TimeSpan.FromSeconds(5));
        store.Bytes.ShouldBe(532);
        (await store.FindAsync("a", Test))!.Body.Length.ShouldBe(20);
    }

    [Fact]
    public async Task One_that_is_larger_than_all_of_it_is_not_kept_and_drives_nobody_out()
    {
        var store = new MemoryAnswers(1_000, time);
        store.Keep("a", Answer(10), TimeSpan.FromSeconds(5));
        store.Keep("b", Answer(10_000), TimeSpan.FromSeconds(5));
        (await store.FindAsync("a", Test)).ShouldNotBeNull();
        (await store.FindAsync("b", Test)).ShouldBeNull();
    }

    [Fact]
    public void A_row_of_bytes_holds_all_of_an_answer_and_what_is_none_is_none()
    {
        var answer = new KeptAnswer(1_700_000_000_123, "text/event-stream; charset=utf-8", "größe", "data: {}\n\n"u8.ToArray());
        var back = KeptAnswer.FromBytes(answer.ToBytes())!;
        (back.KeptAt, back.ContentType, back.Model, back.Body.ToArray()).ShouldSatisfyAllConditions(
            found => found.KeptAt.ShouldBe(answer.KeptAt), found => found.ContentType.ShouldBe(answer.ContentType), found => found.Model.ShouldBe(answer.Model), found => found.Item4.ShouldBe(answer.Body.ToArray()));
        KeptAnswer.FromBytes([1, 2, 3]).ShouldBeNull();
        KeptAnswer.FromBytes([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]).ShouldBeNull();
    }

    private static KeptAnswer Answer(int length) => new(0, "application/json", "m", new byte[length]);
}
